/** The documents that a share may run: those of the views that it shows. The server has their hashes from the build.
 *
 * It answers People only to visitors of shares that show people.
 */

export const SHARED = ["Overview", "Table", "WholeTable", "Now", "People"];
