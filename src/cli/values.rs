//! `-f`, `--set` and their like.

use std::io::Read;
use std::path::Path;

use chart::values::{Layer, UserValues};
use clap::Args;
use url::Url;
use value::Map;

use super::CliError;
use super::global::GlobalFlags;
use super::plain_words::Place;
use crate::source::{Access, ChartReference};

/// Where a release's values come from. Files come first, then the `--set` family in the order of the fields here,
/// whatever the order on the command line: so Helm does.
#[derive(Args, Debug, Default)]
pub(super) struct ValuesFlags {
    /// Values in a YAML file, a URL, or - for standard input; repeat it for more, the last one wins
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    files: Vec<String>,
    /// A JSON value: key1=jsonval1,key2=jsonval2
    #[arg(long, value_name = "JSON", action = clap::ArgAction::Append)]
    set_json: Vec<String>,
    /// A value: key1=val1,key2=val2
    #[arg(long, value_name = "KEY=VALUE", action = clap::ArgAction::Append)]
    set: Vec<String>,
    /// A value that stays a string: key1=val1,key2=val2
    #[arg(long, value_name = "KEY=VALUE", action = clap::ArgAction::Append)]
    set_string: Vec<String>,
    /// A value read from a file: key1=path1,key2=path2
    #[arg(long, value_name = "KEY=FILE", action = clap::ArgAction::Append)]
    set_file: Vec<String>,
    /// A value taken as it is
    #[arg(long, value_name = "KEY=VALUE", action = clap::ArgAction::Append)]
    set_literal: Vec<String>,
}

impl ValuesFlags {
    /// Where a plain flag's value goes.
    pub(super) fn place(&mut self, flag: &str) -> Option<Place<'_>> {
        Some(match flag {
            "f" | "values" => Place::Separated(&mut self.files),
            "set" => Place::List(&mut self.set),
            "set-string" => Place::List(&mut self.set_string),
            "set-json" => Place::List(&mut self.set_json),
            "set-file" => Place::List(&mut self.set_file),
            "set-literal" => Place::List(&mut self.set_literal),
            _ => return None,
        })
    }

    /// Whether any is given.
    pub(super) fn is_given(&self) -> bool {
        let Self { files, set_json, set, set_string, set_file, set_literal } = self;
        [files, set_json, set, set_string, set_file, set_literal].into_iter().any(|given| !given.is_empty())
    }

    /// The user's values.
    pub(super) fn merged(&self, global: &GlobalFlags) -> Result<Map, CliError> {
        assemble(&self.read(global)?, global)
    }

    /// What the user gave, files with their contents.
    pub(super) fn read(&self, global: &GlobalFlags) -> Result<UserValues, CliError> {
        let files = self.files.iter().map(|file| Ok((file.clone(), read(file, global)?)));
        Ok(UserValues {
            files: files.collect::<Result<_, CliError>>()?,
            json: self.set_json.clone(),
            typed: self.set.clone(),
            text: self.set_string.clone(),
            file_contents: self.set_file.clone(),
            literal: self.set_literal.clone(),
        })
    }
}

/// Merges what the user gave.
pub(super) fn assemble(values: &UserValues, global: &GlobalFlags) -> Result<Map, CliError> {
    let mut read_file = |path: &str| read_file(path, global).map_err(|error| error.to_string());
    values.assemble(global.flavour(), &mut read_file).map_err(|error| CliError::message(error.to_string()))
}

/// What the user gave, source by source.
pub(super) fn layers(values: &UserValues, global: &GlobalFlags) -> Vec<Layer> {
    let mut read_file = |path: &str| read_file(path, global).map_err(|error| error.to_string());
    values.layers(global.flavour(), &mut read_file)
}

/// A values file: standard input, a URL, or a path.
fn read(file: &str, global: &GlobalFlags) -> Result<Vec<u8>, CliError> {
    if file.trim() == "-" {
        let mut text = Vec::new();
        std::io::stdin()
            .read_to_end(&mut text)
            .map_err(|source| CliError::Read { path: "/dev/stdin".into(), source })?;
        return Ok(text);
    }
    read_file(file, global)
}

fn read_file(file: &str, global: &GlobalFlags) -> Result<Vec<u8>, CliError> {
    if file.starts_with("http://") || file.starts_with("https://") {
        let url = Url::parse(file).map_err(|error| CliError::message(format!("{file}: {error}")))?;
        let (reference, access) = (ChartReference::Url(url), Access::default());
        let fetched = global.block_on(async { global.sources().fetch(&reference, &access).await })?;
        return Ok(fetched.archive.to_vec());
    }
    std::fs::read(Path::new(file)).map_err(|source| CliError::Read { path: file.into(), source })
}
