/** The documents that a share may run: those of the views that it shows. People are in it only if its owner said so: the server sees to that. The server has their hashes from the build. */

export const SHARED = ["Overview", "Table", "WholeTable", "Now", "People"];
