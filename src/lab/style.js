import '../view/style/index.css';
