// Checks a tiled log (C2SP tlog-tiles) with nothing but golang.org/x/mod/sumdb: note for the signature, tlog for the tree.
//
//	verify_log DIRECTORY VKEY [OLD_CHECKPOINT]
//
// Every tile is authenticated up to the signed root, every entry must hash to its leaf, one entry of each bundle is proved
// included, and with OLD_CHECKPOINT the log must extend it. The exit status is 0 if all of that holds.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if len(os.Args) < 3 {
		refuse(fmt.Errorf("usage: verify_log DIRECTORY VKEY [OLD_CHECKPOINT]"))
	}
	tree := open(filepath.Join(os.Args[1], "checkpoint"), os.Args[2])
	log := directory(os.Args[1])
	reader := tlog.TileHashReader(tree, log)
	if tree.N == 0 {
		if tree.Hash != tlog.Hash(sha256.Sum256(nil)) {
			refuse(fmt.Errorf("an empty log has another root"))
		}
	} else {
		checkTiles(tree, log, reader)
		checkEntries(tree, log, reader)
	}
	if len(os.Args) > 3 {
		checkExtends(tree, open(os.Args[3], os.Args[2]), reader)
	}
	fmt.Printf("verified: %d entries\n", tree.N)
}

// open reads a checkpoint and insists on the signature of the key.
func open(path, vkey string) tlog.Tree {
	raw, err := os.ReadFile(path)
	refuse(err)
	verifier, err := note.NewVerifier(vkey)
	refuse(err)
	opened, err := note.Open(raw, note.VerifierList(verifier))
	refuse(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		refuse(fmt.Errorf("not a checkpoint of this log"))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	refuse(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	refuse(err)
	if len(root) != tlog.HashSize {
		refuse(fmt.Errorf("not a root"))
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(*(*[tlog.HashSize]byte)(root))}
}

// directory reads tiles from files. The path of a checksum database's tile has its height after "tile/"; here it is always 8.
type directory string

func (d directory) Height() int { return height }

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := d.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (d directory) read(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return os.ReadFile(filepath.Join(string(d), strings.Replace(path, "tile/data/", "tile/entries/", 1)))
}

// checkTiles compares every tile of the log, at its width, with the authenticated hashes.
func checkTiles(tree tlog.Tree, log directory, reader tlog.HashReader) {
	for level := 0; tree.N>>(height*level) > 0; level++ {
		hashes := tree.N >> (height * level)
		for number := int64(0); number<<height < hashes; number++ {
			tile := tlog.Tile{H: height, L: level, N: number, W: width(hashes, number)}
			authentic, err := tlog.ReadTileData(tile, reader)
			refuse(err)
			stored, err := log.read(tile)
			refuse(err)
			if !bytes.Equal(stored, authentic) {
				refuse(fmt.Errorf("tile mismatch %s", tile.Path()))
			}
		}
	}
}

// checkEntries hashes every entry, and proves the first of each bundle included.
func checkEntries(tree tlog.Tree, log directory, reader tlog.HashReader) {
	for number := int64(0); number<<height < tree.N; number++ {
		bundle := tlog.Tile{H: height, L: -1, N: number, W: width(tree.N, number)}
		raw, err := log.read(bundle)
		refuse(err)
		leaves, err := tlog.ReadTileData(tlog.Tile{H: height, L: 0, N: number, W: bundle.W}, reader)
		refuse(err)
		for i := 0; i < bundle.W; i++ {
			index := number<<height + int64(i)
			if len(raw) < 2 || len(raw)-2 < int(binary.BigEndian.Uint16(raw)) {
				refuse(fmt.Errorf("bundle ends before entry %d", index))
			}
			end := 2 + int(binary.BigEndian.Uint16(raw))
			leaf := tlog.RecordHash(raw[2:end])
			if !bytes.Equal(leaf[:], leaves[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
				refuse(fmt.Errorf("leaf mismatch %d", index))
			}
			if i == 0 {
				proof, err := tlog.ProveRecord(tree.N, index, reader)
				refuse(err)
				refuse(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf))
			}
			raw = raw[end:]
		}
		if len(raw) != 0 {
			refuse(fmt.Errorf("bundle %d goes on after its last entry", number))
		}
	}
}

func checkExtends(tree, old tlog.Tree, reader tlog.HashReader) {
	if old.N > tree.N {
		refuse(fmt.Errorf("the log is shorter than before"))
	}
	if old.N == 0 {
		return
	}
	if old.N == tree.N {
		if old.Hash != tree.Hash {
			refuse(fmt.Errorf("two roots of one size"))
		}
		return
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	refuse(err)
	refuse(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
}

func width(hashes, number int64) int {
	if rest := hashes - number<<height; rest < 1<<height {
		return int(rest)
	}
	return 1 << height
}

func refuse(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}
