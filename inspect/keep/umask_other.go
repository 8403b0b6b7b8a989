//go:build !unix

package keep

import "io/fs"

// umask is what the mode of a new file loses: nothing here.
const umask fs.FileMode = 0
