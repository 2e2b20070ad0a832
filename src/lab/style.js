import '../view/style/index.css';
import './lab.css';
