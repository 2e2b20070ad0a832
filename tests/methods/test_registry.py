import pytest

from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.base import GameMethod, MaskMethod, TextMethod


def test_every_name_gives_a_method_that_says_what_it_is():
    for name in methods.names():
        method = methods.get(name)
        assert method.name == name
        assert method.title
        assert method.summary.endswith(".")
        assert isinstance(method, GameMethod | MaskMethod | TextMethod)


def test_an_unknown_name_lists_the_first_names_and_the_nearest():
    with pytest.raises(XaiError) as caught:
        methods.get("leave_one_ot")
    assert "did you mean 'leave-one-out'?" in str(caught.value)
    named = [name for name in methods.names() if name in str(caught.value)]
    assert named[:8] == methods.names()[:8]
    assert f"and {len(methods.names()) - 8} more (%xai methods lists them)" in str(caught.value)
    with pytest.raises(XaiError) as caught:
        methods.get("zzz")
    assert "did you mean" not in str(caught.value)


def test_settings_are_recorded():
    assert methods.get("linear").settings() == {"alpha": 0.01}
    assert methods.get("linear", alpha=0.5).settings() == {"alpha": 0.5}
    assert methods.get("shap").settings() == {}


def test_an_unknown_setting_names_those_that_exist():
    with pytest.raises(XaiError, match="no setting 'alhpa'; it has alpha"):
        methods.get("linear", alhpa=1)
    with pytest.raises(XaiError, match="shap has no setting 'alpha'; it has none"):
        methods.get("shap", alpha=1)


def test_needs():
    assert methods.get("random").needs == methods.get("similarity").needs == ()
    for name in ("linear", "shap", "lime", "gsmile", "joint", "leave-one-out"):
        assert set(methods.get(name).needs) == {"logprob", "text"}
    assert methods.get("linear").default_value == "logit"
    assert methods.get("shap").default_value == "logprob"
