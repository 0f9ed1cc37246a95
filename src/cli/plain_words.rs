//! `template` as it is called most: names, values and a few switches, read without describing every flag first.
//!
//! Describing them and reading what they say takes as long as rendering a small chart. What is not plain, or wrong, is
//! left to clap; where there is an answer here, it is clap's.

use std::env;
use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt as _};

use super::global::GlobalFlags;
use super::{Cli, Command, template};

/// Where a flag's value goes.
pub(super) enum Place<'a> {
    Switch(&'a mut bool),
    Text(&'a mut Option<String>),
    List(&'a mut Vec<String>),
    /// As a list, with several in one value, separated by commas.
    Separated(&'a mut Vec<String>),
}

/// The variables that stand for flags.
const VARIABLES: [&str; 12] = [
    "HELM_NAMESPACE",
    "HELM_DEBUG",
    "PINTLE_LIMITS",
    "HELM_COLOR",
    "HELM_KUBECONTEXT",
    "HELM_KUBEAPISERVER",
    "HELM_KUBETOKEN",
    "HELM_KUBEASUSER",
    "HELM_KUBEASGROUPS",
    "HELM_KUBECAFILE",
    "HELM_KUBETLS_SERVER_NAME",
    "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
];

/// What the arguments say, the program's own name first; `None` where they are not plain.
pub(super) fn parse(arguments: &[OsString]) -> Option<Cli> {
    let [_, command, arguments @ ..] = arguments else { return None };
    if command != "template" || VARIABLES.iter().any(|variable| env::var_os(variable).is_some()) {
        return None;
    }
    let mut global = GlobalFlags::default();
    let mut template = Box::<template::Arguments>::default();
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next().ok()? {
        let mut letter = [0; 4];
        let flag = match argument {
            Arg::Short(short) => &*short.encode_utf8(&mut letter),
            Arg::Long(long) => long,
            Arg::Value(word) => {
                template.positionals().push(word.string().ok()?);
                continue;
            }
        };
        let place = match flag {
            "n" | "namespace" => Place::Text(&mut global.namespace),
            flag => template.place(flag)?,
        };
        place.fill(&mut parser)?;
    }
    let is_whole = matches!(template.positionals().len(), 1..=2);
    is_whole.then_some(Cli { global, command: Command::Template(template) })
}

impl Place<'_> {
    fn fill(self, parser: &mut Parser) -> Option<()> {
        let mut value = || parser.value().ok()?.string().ok();
        match self {
            Place::Switch(switch) => *switch = true,
            Place::Text(text) => *text = Some(value()?),
            Place::List(list) => list.push(value()?),
            Place::Separated(list) => list.extend(value()?.split(',').map(str::to_owned)),
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Every plain flag with a value that it takes.
    const FLAGS: [&[&str]; 20] = [
        &["-f", "a.yaml,b.yaml"],
        &["--values", "-"],
        &["--values="],
        &["--set", "a=1,b=2"],
        &["--set=-a=1"],
        &["--set-string", "a="],
        &["--set-json", r#"a={"b":1}"#],
        &["--set-file", "a=b"],
        &["--set-literal", "a,b"],
        &["-s=templates/a.yaml", "--show-only", "b,c"],
        &["-aa/v1", "--api-versions=b/v1"],
        &["--kube-version", "v1.31.0"],
        &["--include-crds"],
        &["--skip-tests", "--is-upgrade"],
        &["--no-hooks"],
        &["--skip-crds"],
        &["--skip-schema-validation"],
        &["--dependency-update"],
        &["-n", "here"],
        &["--namespace=there"],
    ];

    fn words(flags: &[&str], positionals: &[&str]) -> Vec<OsString> {
        let words = [&["pintle", "template"], flags, positionals].concat();
        words.into_iter().map(OsString::from).collect()
    }

    fn by_clap(words: &[OsString]) -> String {
        use clap::Parser as _;
        format!("{:?}", Cli::try_parse_from(words).unwrap())
    }

    #[test]
    fn plain_words_say_what_clap_reads_in_them() {
        let all = FLAGS.concat();
        let all = all.iter().copied().filter(|word| !word.starts_with("--namespace")).collect::<Vec<_>>();
        for flags in FLAGS.into_iter().chain([&all[..], &[]]) {
            for positionals in [&["./chart"] as &[_], &["web", "chart.tgz"], &["--", "-web", "chart"]] {
                let words = words(flags, positionals);
                assert_eq!(format!("{:?}", parse(&words).unwrap()), by_clap(&words));
            }
        }
    }

    #[test]
    fn what_is_not_plain_or_wrong_is_left_to_clap() {
        for (flags, positionals) in [
            (&[] as &[_], &[] as &[_]),
            (&[], &["a", "b", "c"]),
            (&["--skip-tests=false"], &["chart"]),
            (&["--debug"], &["chart"]),
            (&["-h"], &["chart"]),
            (&["--no-such-flag"], &["chart"]),
            (&["chart", "--set"], &[]),
        ] {
            assert!(parse(&words(flags, positionals)).is_none(), "{flags:?} {positionals:?}");
        }
        assert!(parse(&["pintle", "lint", "chart"].map(OsString::from)).is_none());
    }

    #[test]
    fn every_variable_that_stands_for_a_flag_is_known() {
        let mut program = Cli::command();
        program.build();
        let template = program.find_subcommand("template").unwrap();
        let mut declared: Vec<_> =
            template.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).collect();
        let mut known = VARIABLES.to_vec();
        declared.sort_unstable();
        known.sort_unstable();
        assert_eq!(declared, known);
    }
}
