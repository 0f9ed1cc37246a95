//! Go's text/template language, whole: lexer, parser, execution, Go's error texts.
