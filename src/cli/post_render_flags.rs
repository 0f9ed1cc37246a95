//! `--patch` and `--post-renderer`: what happens to the output of templates.

use std::path::{Path, PathBuf};

use clap::Args;

use super::CliError;
use crate::deploy::patch::read_patches;
use crate::deploy::{PostRender, Program};

/// Changes to what a chart renders.
#[derive(Args, Debug, Default)]
pub(super) struct PostRenderFlags {
    /// Patch rendered objects: a file with a kustomize-like list of patches (JSON 6902 or strategic merge, by kind and
    /// name), or with objects to be merged; repeat it for more
    #[arg(long = "patch", value_name = "FILE")]
    patches: Vec<PathBuf>,
    /// A program that gets the rendered manifests on standard input and prints what they shall be: a path, or a name in
    /// PATH
    #[arg(long, value_name = "PROGRAM")]
    post_renderer: Option<String>,
    /// An argument for the post-renderer; repeat it for more
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    post_renderer_args: Vec<String>,
}

impl PostRenderFlags {
    /// Reads the patches and finds the program.
    pub(super) fn read(&self) -> Result<PostRender, CliError> {
        let mut post_render = PostRender::default();
        for file in &self.patches {
            post_render.patches.extend(patches_of(file)?);
        }
        if let Some(name) = self.post_renderer.as_deref().filter(|name| !name.is_empty()) {
            let program = Program::find(name, self.post_renderer_args.clone());
            post_render.program = Some(program.map_err(|error| {
                let name = value::format::quote(name);
                CliError::message(format!("invalid argument {name} for \"--post-renderer\" flag: {error}"))
            })?);
        }
        Ok(post_render)
    }
}

fn patches_of(file: &Path) -> Result<Vec<crate::deploy::patch::Patch>, CliError> {
    let text = std::fs::read(file).map_err(|source| CliError::Read { path: file.to_owned(), source })?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let read = |path: &PathBuf| {
        let path = folder.join(path);
        std::fs::read(&path).map_err(|source| CliError::Read { path, source }.to_string())
    };
    read_patches(&file.display().to_string(), &text, &read)
        .map_err(|error| CliError::message(error.to_string()))
}
