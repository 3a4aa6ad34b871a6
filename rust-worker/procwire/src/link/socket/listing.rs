//! The services of this user that are registered by name and alive.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::address::Address;
use super::descriptor::{self, Descriptor};
use super::failure::Failure;
use super::probe::{Life, life_at};
use super::registry::{check, folder, is_name};

/// A service of this user's, as it has registered itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServiceInfo {
    /// To be connected to.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// When it began to listen.
    pub started_at: SystemTime,
    /// The methods that it serves, sorted.
    pub methods: Vec<String>,
    /// Where it listens.
    pub address: Address,
}

/// Which are alive is seen by connecting to each.
pub(crate) fn list() -> Result<Vec<ServiceInfo>, Failure> {
    let folder = folder();
    if !check(&folder)? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let file = entry?.path();
        let name = file.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")).filter(|name| is_name(name));
        if let Some(known) = name.and_then(|name| alive(name, &file)) {
            found.push(known);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn alive(name: &str, file: &std::path::Path) -> Option<ServiceInfo> {
    let Descriptor { name, pid, started_at, methods, path, .. } =
        descriptor::read(file).filter(|it| it.name == name)?;
    if life_at(&path) != Life::Alive {
        return None;
    }
    let started_at = UNIX_EPOCH.checked_add(Duration::from_millis(started_at))?;
    Some(ServiceInfo { name, pid, started_at, methods, address: Address::path(path) })
}
