//! Files that are copied as they are.

use super::{Made, Plan};
use crate::artifact::{Body, Rank};
use crate::model::Site;

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for asset in &site.assets {
        plan.add(asset.output.clone(), Rank::Asset, &asset.source, None, move |_| {
            let body = match asset.embedded {
                Some(bytes) => Body::Static(bytes),
                None => Body::Copy(asset.source.clone()),
            };
            Made { body: Some(body), problems: Vec::new() }
        });
    }
}
