//! Files that are copied, as they are or without what cameras and editors have written into them,
//! and pictures in other sizes.

use super::{Made, Plan};
use crate::artifact::{Body, Key, Rank};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Asset, Site};
use crate::pictures::{Fault, Picture};

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for asset in &site.assets {
        let unclean = asset.picture.as_ref().filter(|picture| !picture.is_clean());
        let key = unclean.and_then(|picture| key(plan, picture));
        plan.add(asset.output.clone(), Rank::Asset, &asset.source, key, move |workshop| {
            let body = match (asset.embedded, unclean) {
                (Some(bytes), _) => Body::Static(bytes),
                (None, None) => Body::Copy(asset.source.clone()),
                (None, Some(picture)) => {
                    return made(asset, workshop.studio.clean(&asset.source, picture));
                }
            };
            Made { body: Some(body), problems: Vec::new() }
        });
        let Some(picture) = &asset.picture else { continue };
        for rendition in picture.renditions() {
            let output = rendition.output().clone();
            let key = plan.key(|keys| keys.of(("rendition", rendition.key())));
            plan.add(output, Rank::Asset, &asset.source, key, move |workshop| {
                made(asset, workshop.studio.rendition(&asset.source, picture, rendition))
            });
        }
    }
}

fn key(plan: &Plan<'_>, picture: &Picture) -> Option<Key> {
    plan.key(|keys| keys.of(("picture", picture.digest())))
}

fn made(asset: &Asset, bytes: Result<Vec<u8>, Fault>) -> Made {
    match bytes {
        Ok(bytes) => Made::bytes(bytes),
        Err(fault) => {
            let problem = Diagnostic::picture_fault(Place::file(&asset.source), fault);
            Made { body: None, problems: vec![problem] }
        }
    }
}
