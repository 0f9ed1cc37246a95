//! What would become of the definitions of a chart's `crds/`.

use super::{Effect, PlannedChange, stripped};
use crate::cluster::{Cluster, Object, Resource};
use crate::deploy::objects::defined_by;
use crate::deploy::{Action, Definitions, DeployError, Desired};

use super::look::{applied, created};

/// Definitions that an action would see to before anything else.
#[derive(Debug, Default)]
pub(super) struct Planning {
    /// As the chart has them.
    pub(super) texts: Vec<String>,
    objects: Vec<Object>,
}

impl Planning {
    /// The kinds that they bring.
    pub(super) fn brought(&self) -> Vec<Resource> {
        self.objects.iter().flat_map(|object| defined_by(&object.body)).collect()
    }
}

impl Action<'_> {
    /// The definitions that an install would see to.
    pub(super) async fn plan_definitions(&self, desired: &Desired) -> Result<Planning, DeployError> {
        self.read_definitions(self.definition_texts(desired)?).await
    }

    /// The definitions of a plan.
    pub(super) async fn read_definitions(&self, texts: Vec<String>) -> Result<Planning, DeployError> {
        let mut objects = Vec::new();
        for text in &texts {
            objects.extend(self.build(text, "").await?);
        }
        Ok(Planning { texts, objects })
    }

    /// What would become of each. Writes of `dry` change nothing.
    pub(super) async fn look_at_definitions(
        &self,
        dry: &Cluster,
        planning: &Planning,
    ) -> Result<Vec<PlannedChange>, DeployError> {
        let mut changes = Vec::with_capacity(planning.objects.len());
        for object in &planning.objects {
            changes.push(self.look_at_definition(dry, object).await?);
        }
        Ok(changes)
    }

    async fn look_at_definition(&self, dry: &Cluster, object: &Object) -> Result<PlannedChange, DeployError> {
        let method = self.definition_method();
        let live = self.cluster().get(object).await?;
        let after = match (&live, self.options.crds) {
            (None, _) => Some(created(dry, object, method).await?),
            (Some(live), Some(Definitions::CreateReplace)) => {
                self.check_definition(object, live).await?;
                Some(applied(dry, object, method).await?)
            }
            // Helm applies what is there already, where the server computes changes.
            (Some(_), None) if method.server_side => Some(applied(dry, object, method).await?),
            (Some(_), _) => live.clone(),
        };
        let (before, after) = (live.as_ref().map(stripped), after.as_ref().map(stripped));
        let effect = match &before {
            None => Effect::Create,
            Some(_) if before == after => Effect::Unchanged,
            Some(_) => Effect::Change,
        };
        Ok(PlannedChange { object: object.key(), effect, before, after })
    }
}
