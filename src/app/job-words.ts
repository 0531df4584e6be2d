/**
 * The words by which a launcher starts the program again to run prepared jobs. They are no flags: a person types overrides.
 *
 *     --run-job FOLDER             the job of that folder
 *     --run-jobs INDEX [OFFSET]    the job in line SLURM_ARRAY_TASK_ID + OFFSET (from 0) of a file with a folder a line
 *     --serve-jobs                 job after job, as a process with a channel to its parent says
 */
const jobWords: readonly string[] = ["--run-job", "--run-jobs", "--serve-jobs"];

export function isJobWord(word: string | undefined): boolean {
  return word !== undefined && jobWords.includes(word);
}
