//! What the system says of a process.

/// All threads of a process together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vitals {
    /// By a signal, such as SIGSTOP.
    pub is_stopped: bool,
    /// It computes, or waits for a CPU or a disk.
    pub is_running: bool,
    /// The CPU time it has used, in the system's own ticks.
    pub ticks: u64,
}

/// `None` where the system does not tell, and when there is no such process.
#[cfg(target_os = "linux")]
pub(crate) fn vitals_of(pid: u32) -> Option<Vitals> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program may hold anything, blanks and brackets included.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let state = *fields.first()?;
    let time = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok());
    Some(Vitals {
        is_stopped: matches!(state, "T" | "t"),
        is_running: matches!(state, "R" | "D"),
        ticks: time(11)? + time(12)?,
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn vitals_of(_: u32) -> Option<Vitals> {
    None
}
