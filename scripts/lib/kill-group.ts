/** Ends a process at once, if it is left. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends a process group at once, if any of it is left. @param leader the process that was started as `detached` */
export function killGroup(leader: number): void {
  kill(-leader);
}
