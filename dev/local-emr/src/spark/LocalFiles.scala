package localemr

import org.apache.hadoop.fs.permission.FsPermission
import org.apache.hadoop.fs.{Path, RawLocalFileSystem}

/** Files of this machine with the permissions that the umask gives: without its native library, Hadoop would start a
  * `chmod` for each file and folder that it creates.
  */
class LocalFiles extends RawLocalFileSystem {
  override def setPermission(path: Path, permission: FsPermission): Unit = ()
}
