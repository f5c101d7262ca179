/** The documents that a share may run: those of the views that it shows. The server has their hashes from the build. */

export const SHARED = ["Overview", "Table", "WholeTable", "Now"];
