"""What a process and all that came from it have cost."""

import psutil


def cpu(pid: int) -> float:
    """Return the CPU seconds so far of a process, its children and theirs, the ended ones included."""
    first = psutil.Process(pid)
    return sum(_own(process) for process in (first, *first.children(recursive=True)))


def _own(process: psutil.Process) -> float:
    """Return what a process used, with those of its children that it has seen end."""
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:  # its parent counts it by now, if only at the next look
        return 0.0
    return float(used.user + used.system + used.children_user + used.children_system)
