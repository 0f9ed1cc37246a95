//! Colours and emphasis of what people read, where a terminal shows it.

use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

/// `--color`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWord {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Wherever it goes
    Always,
    /// Nowhere
    Never,
}

/// How the parts of a text are shown; plain where colours are not wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Styles {
    is_colored: bool,
}

impl Styles {
    /// For what goes to standard error.
    pub(super) fn of_errors(word: ColorWord) -> Self {
        Self::on(word, std::io::stderr().is_terminal())
    }

    /// For what goes to standard output.
    pub(super) fn of_output(word: ColorWord) -> Self {
        Self::on(word, std::io::stdout().is_terminal())
    }

    fn on(word: ColorWord, is_terminal: bool) -> Self {
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_colored = match word {
            ColorWord::Always => true,
            ColorWord::Never => false,
            ColorWord::Auto => is_terminal && !is_refused,
        };
        Self { is_colored }
    }

    /// Text that is pointed to.
    pub(super) fn strong(self, text: &str) -> String {
        self.shown(text, Style::new().bold())
    }

    /// What points to a fault.
    pub(super) fn fault(self, text: &str) -> String {
        self.shown(text, AnsiColor::Red.on_default().bold())
    }

    /// What is beside the matter: numbers of lines, what was replaced.
    pub(super) fn aside(self, text: &str) -> String {
        self.shown(text, AnsiColor::Blue.on_default())
    }

    fn shown(self, text: &str, style: Style) -> String {
        if self.is_colored { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
