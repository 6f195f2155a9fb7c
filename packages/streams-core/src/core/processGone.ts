/** What reading `/proc/<pid>/stat` gave: its text, or the code of the error. */
export type StatRead = { readonly stat: string } | { readonly code: string | undefined }

/**
 * True only when the process that started then is known to be gone: the PID is another process's now, or nobody's. That there is no entry does
 * not say so: it may be hidden (systemd's `ProtectProc=invisible`, proc mounted with `hidepid`), and a hidden worker would be taken over alive.
 * Then a signal decides: `signal` sends none, and returns the code of the error (EPERM: somebody is there). Whatever else fails, nothing is known.
 */
export function processGone(startedAt: string, read: StatRead, signal: () => string | null | undefined): boolean {
  if ('stat' in read) {
    const seen = startOf(read.stat)
    return seen === 'ended' || (seen !== null && seen !== startedAt)
  }
  // ESRCH: it ended between the opening of the file and the reading.
  return (read.code === 'ENOENT' || read.code === 'ESRCH') && signal() === 'ESRCH'
}

/** Clock ticks since boot; `ended` for a zombie; null: not to be understood. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function startOf(stat: string): string | null {
  // The name of the program is in parentheses and may hold anything; fields 3 (state) and 22 (start) are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? null)
}
