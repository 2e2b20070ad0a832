import type { RenderProps } from '@anywidget/types';
import { mount } from '../view';

export default { render: ({ el }: RenderProps) => mount(el) };
