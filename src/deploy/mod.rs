//! The way from what is wanted to a release on a cluster.
//!
//! ```text
//! resolve (all reads) ─► validate ─► plan (pure) ─► apply ─► wait ─► record
//! ```
//!
//! Every entrance builds a [`Desired`] and [`Options`], picks an [`Observer`] and calls one action of a [`Deployer`]:
//! install, upgrade, rollback, uninstall or test. The actions write the same records in the same order as Helm does,
//! so that Helm can go on at any point.

mod action;
mod apply;
mod charts;
mod content;
mod definition_safety;
mod definitions;
mod drift;
mod error;
mod hooks;
mod install;
mod interrupted;
mod live;
mod lock;
mod lookup;
mod merge;
mod name;
mod objects;
mod observer;
mod options;
mod order;
mod ownership;
pub mod patch;
mod plan;
mod planned;
mod post_render;
mod preflight;
mod preview;
mod recreate;
mod rehearse;
mod rollback;
mod strategic;
mod test;
mod uninstall;
mod upgrade;
mod values;

use action::Action;

pub use action::Deployer;
pub use charts::Charts;
pub use content::Asked;
pub use definitions::Definitions;
pub use drift::{Drift, Ignored, IgnoredError, Inspection, Seen};
pub use error::{DeployError, FieldConflict};
pub use install::generated_name;
pub use name::is_valid_name;
pub use objects::objects_of;
pub use observer::{Observer, Progress, Silent};
pub use options::{Desired, DryRun, Options, ReuseValues, ServerSide, WaitFor};
pub use plan::{Change, Plan, Step};
pub use planned::{Effect, Intent, Planned, PlannedChange, SavedPlan, SavedPlanError};
pub use post_render::{PostRender, PostRenderError, Program, ProgramError, StreamError};
pub use preflight::Permission;
pub use test::{TestFilter, TestOptions, Tested};
pub use uninstall::{UninstallOptions, Uninstalled};
pub use values::computed as computed_values;
