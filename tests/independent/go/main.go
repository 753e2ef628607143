// verify.go checks what Valise's gateways leave, with Go's own code for signed notes and transparency logs
// (golang.org/x/mod/sumdb) and none of Valise's.
//
//	verify proof FILE PARTY.log=KEY PARTY.witness=KEY...   one NAME.proof, valise-proof(5)
//	verify fork FILE PARTY.log=KEY...                      one NAME.fork, valise-fork(5)
//	verify log DIRECTORY ORIGIN KEY [NOTE...]              a whole log as C2SP tiles, DIRECTORY/checkpoint and
//	                                                       DIRECTORY/tile/...; each older NOTE must be a prefix of it
//
// Keys are Ed25519, in base64. Exit status 0: verified, 1: refused, with the reason.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// -- keys ------------------------------------------------------------------------------------------------

// cosigner verifies C2SP tlog-cosignatures, which golang.org/x/mod does not know: type 0x04, with a time in front.
type cosigner struct {
	name string
	key  ed25519.PublicKey
	hash uint32
}

func newCosigner(name string, key ed25519.PublicKey) *cosigner {
	h := sha256.New()
	h.Write([]byte(name + "\n\x04"))
	h.Write(key)
	return &cosigner{name, key, binary.BigEndian.Uint32(h.Sum(nil))}
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(text), sig[8:])
}

func decodeKey(text string) (ed25519.PublicKey, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%q is no Ed25519 key in base64", text)
	}
	return key, nil
}

func logVerifier(origin, text string) (note.Verifier, error) {
	key, err := decodeKey(text)
	if err != nil {
		return nil, err
	}
	vkey, err := note.NewEd25519VerifierKey(origin, key)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(vkey)
}

// -- checkpoints -----------------------------------------------------------------------------------------

type checkpoint struct {
	origin string
	tree   tlog.Tree
}

// openCheckpoint wants a signature by each of the verifiers; the first is the log's.
func openCheckpoint(text []byte, verifiers ...note.Verifier) (*checkpoint, error) {
	n, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return nil, err
	}
	for _, v := range verifiers {
		sig, err := signatureBy(n, v)
		if err != nil {
			return nil, err
		}
		if _, ok := v.(*cosigner); ok {
			at := time.Unix(int64(binary.BigEndian.Uint64(sig[4:])), 0)
			if at.After(time.Now().Add(5 * time.Minute)) {
				return nil, fmt.Errorf("the cosignature by %s is from the future: %s", v.Name(), at.UTC().Format(time.RFC3339))
			}
		}
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return nil, errors.New("the checkpoint has not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("%q is no size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, err
	}
	if lines[0] != verifiers[0].Name() {
		return nil, fmt.Errorf("the checkpoint is of %s, not of %s", lines[0], verifiers[0].Name())
	}
	return &checkpoint{lines[0], tlog.Tree{N: size, Hash: root}}, nil
}

func signatureBy(n *note.Note, v note.Verifier) ([]byte, error) {
	for _, sig := range n.Sigs {
		if sig.Name == v.Name() && sig.Hash == v.KeyHash() {
			return base64.StdEncoding.DecodeString(sig.Base64)
		}
	}
	return nil, fmt.Errorf("there is no signature by the known key of %s", v.Name())
}

// -- proofs ----------------------------------------------------------------------------------------------

type section struct {
	record []byte
	index  int64
	path   tlog.RecordProof
	note   []byte
}

// cutSection takes one C2SP tlog-proof from the front: three blocks between empty lines.
func cutSection(blocks [][]byte) (*section, error) {
	if len(blocks) < 3 {
		return nil, errors.New("a section is cut off")
	}
	lines := strings.Split(string(blocks[0]), "\n")[1:] // behind the section's name
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return nil, errors.New("a section does not begin like a tlog-proof")
	}
	s := new(section)
	var err error
	if s.record, err = base64.StdEncoding.DecodeString(lines[1][len("extra "):]); err != nil {
		return nil, err
	}
	if s.index, err = strconv.ParseInt(lines[2][len("index "):], 10, 64); err != nil {
		return nil, err
	}
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		s.path = append(s.path, hash)
	}
	s.note = bytes.Join(blocks[1:3], []byte("\n\n"))
	if !bytes.HasSuffix(s.note, []byte("\n")) {
		s.note = append(s.note, '\n')
	}
	return s, nil
}

// cutStamp takes the time stamp on the section's checkpoint from the front, when there is one. Who made it is for openssl ts
// -verify to say; what it is about, the digest of the note as its log signed it, stands in it as an OCTET STRING. Nobody signed
// that it is there: a wrong one is told, and takes nothing from the proof.
func (s *section) cutStamp(blocks [][]byte, name string) ([][]byte, error) {
	if len(blocks) == 0 || !bytes.HasPrefix(blocks[0], []byte(name+"\n")) {
		return blocks, nil
	}
	text := strings.TrimSuffix(string(blocks[0][len(name)+1:]), "\n")
	token, err := base64.StdEncoding.DecodeString(text)
	if err != nil || strings.Contains(text, "\n") {
		return nil, fmt.Errorf("%s: not one line of base64", name)
	}
	parts := strings.SplitAfterN(string(s.note), "\n\n", 2)
	origin := parts[0][:strings.IndexByte(parts[0], '\n')]
	signed := parts[0]
	for _, line := range strings.SplitAfter(parts[1], "\n") {
		if strings.HasPrefix(line, "\u2014 "+origin+" ") {
			signed += line
		}
	}
	digest := sha256.Sum256([]byte(signed))
	if !bytes.Contains(token, append([]byte{4, 32}, digest[:]...)) {
		fmt.Printf("go: %s: the time stamp is about another checkpoint\n", name)
	}
	return blocks[1:], nil
}

// fields reads the length-delimited fields of a protobuf message; that is all that is looked at here.
func fields(record []byte) (map[uint64][]byte, error) {
	found := make(map[uint64][]byte)
	for len(record) > 0 {
		key, n := binary.Uvarint(record)
		if n <= 0 {
			return nil, errors.New("a record does not decode")
		}
		record = record[n:]
		value, n := binary.Uvarint(record)
		if n <= 0 {
			return nil, errors.New("a record does not decode")
		}
		record = record[n:]
		if key&7 == 0 {
			continue
		}
		if key&7 != 2 || value > uint64(len(record)) || found[key>>3] != nil {
			return nil, errors.New("a record does not decode")
		}
		found[key>>3] = record[:value]
		record = record[value:]
	}
	return found, nil
}

func (s *section) check(kind byte, owner, partner, word string, keys map[string]string) error {
	log, err := logVerifier(owner+"/valise/"+partner+"/"+word, keys[owner+".log"])
	if err != nil {
		return err
	}
	key, err := decodeKey(keys[partner+".witness"])
	if err != nil {
		return err
	}
	c, err := openCheckpoint(s.note, log, newCosigner(partner+"/valise/witness", key))
	if err != nil {
		return err
	}
	digest := sha256.Sum256(s.record)
	leaf := tlog.RecordHash(append([]byte{kind}, digest[:]...))
	return tlog.CheckRecord(s.path, c.tree.N, c.tree.Hash, s.index, leaf)
}

func checkProof(path string, keys map[string]string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(file) > 229376 {
		return errors.New("the file is too long")
	}
	blocks := bytes.Split(file, []byte("\n\n"))
	if string(blocks[0]) != "valise-proof/v1" || len(blocks) < 7 || !bytes.HasPrefix(blocks[1], []byte("sent\n")) {
		return errors.New("the file has not the section sent")
	}
	sent, err := cutSection(blocks[1:4])
	if err != nil {
		return fmt.Errorf("sent: %v", err)
	}
	rest, err := sent.cutStamp(blocks[4:], "sent-time")
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(rest[0], []byte("received\n")) {
		return errors.New("the file has not the section received")
	}
	received, err := cutSection(rest)
	if err != nil {
		return fmt.Errorf("received: %v", err)
	}
	if _, err = received.cutStamp(rest[3:], "received-time"); err != nil {
		return err
	}
	manifest, err := fields(sent.record)
	if err != nil {
		return err
	}
	receipt, err := fields(received.record)
	if err != nil {
		return err
	}
	from, to := string(manifest[5]), string(manifest[6])
	if err := sent.check(1, from, to, "sent", keys); err != nil {
		return fmt.Errorf("sent: %v", err)
	}
	if err := received.check(2, to, from, "received", keys); err != nil {
		return fmt.Errorf("received: %v", err)
	}
	digest := sha256.Sum256(sent.record)
	if !bytes.Equal(receipt[3], digest[:]) || !bytes.Equal(receipt[2], manifest[2]) ||
		string(receipt[4]) != from || string(receipt[5]) != to {
		return errors.New("the receipt is of another message")
	}
	fmt.Printf("go: verified: %s sent %x, %s received it\n", from, manifest[2], to)
	return nil
}

// -- forks -----------------------------------------------------------------------------------------------

// olderRoot follows a path that ends the m older entries with its first hash, by the definition of RFC 6962 section 2.1.2.
func olderRoot(path []tlog.Hash, m, n int64) (tlog.Hash, error) {
	if len(path) == 0 {
		return tlog.Hash{}, errors.New("the path is too short")
	}
	if m == n {
		if len(path) != 1 {
			return tlog.Hash{}, errors.New("the path is too long")
		}
		return path[0], nil
	}
	half := int64(1)
	for half*2 < n {
		half *= 2
	}
	side, below := path[len(path)-1], path[:len(path)-1]
	if m <= half {
		return olderRoot(below, m, half)
	}
	right, err := olderRoot(below, m-half, n-half)
	return tlog.NodeHash(side, right), err
}

func cutNote(blocks [][]byte, name string, keys map[string]string) (*checkpoint, error) {
	if !bytes.HasPrefix(blocks[0], []byte(name+"\n")) {
		return nil, fmt.Errorf("there is no section %s", name)
	}
	text := bytes.Join([][]byte{blocks[0][len(name)+1:], blocks[1]}, []byte("\n\n"))
	if !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	origin := string(text[:bytes.IndexByte(text, '\n')])
	log, err := logVerifier(origin, keys[strings.SplitN(origin, "/", 2)[0]+".log"])
	if err != nil {
		return nil, err
	}
	return openCheckpoint(text, log)
}

func checkPath(block []byte, a, b *checkpoint) error {
	var path []tlog.Hash
	for _, line := range strings.Split(strings.TrimSuffix(string(block), "\n"), "\n")[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	root, err := olderRoot(path, a.tree.N, b.tree.N)
	if err != nil {
		return err
	}
	if a.tree.N&(a.tree.N-1) == 0 { // then proofs leave the older root out
		path = path[1:]
	}
	// that the larger log begins with `root`, Go's own code says
	if err := tlog.CheckTree(path, b.tree.N, b.tree.Hash, a.tree.N, root); err != nil {
		return err
	}
	if root == a.tree.Hash {
		return errors.New("the larger state continues the smaller one")
	}
	return nil
}

func checkFork(path string, keys map[string]string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	blocks := bytes.Split(file, []byte("\n\n"))
	if string(blocks[0]) != "valise-fork/v1" || len(blocks) < 5 || len(blocks) > 6 {
		return errors.New("the file has not the sections of a fork")
	}
	a, err := cutNote(blocks[1:3], "smaller", keys)
	if err != nil {
		return err
	}
	b, err := cutNote(blocks[3:5], "larger", keys)
	if err != nil {
		return err
	}
	if a.origin != b.origin {
		return errors.New("two logs")
	}
	switch {
	case len(blocks) == 6:
		err = checkPath(blocks[5], a, b)
	case a.tree.N != b.tree.N:
		err = errors.New("nothing shows that the two states contradict each other")
	case a.tree.Hash == b.tree.Hash:
		err = errors.New("both states are the same")
	}
	if err == nil {
		fmt.Printf("go: verified: two histories of %s are signed, %d and %d entries\n", a.origin, a.tree.N, b.tree.N)
	}
	return err
}

// -- logs ------------------------------------------------------------------------------------------------

// tiles reads C2SP tiles: tile/L/N, while golang.org/x/mod says tile/8/L/N.
type tiles struct{ dir string }

func (t tiles) Height() int                         { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil && tile.W < 256 { // a fuller one holds it too
			if data, err = os.ReadFile(filepath.Join(t.dir, path[:strings.Index(path, ".p/")])); err == nil {
				data = data[:min(len(data), tile.W*tlog.HashSize)]
			}
		}
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes, not %d", path, len(data), tile.W*tlog.HashSize)
		}
		all = append(all, data)
	}
	return all, nil
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func checkLog(dir, origin, key string, older []string) error {
	verifier, err := logVerifier(origin, key)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	now, err := openCheckpoint(text, verifier)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(now.tree, tiles{dir}) // verifies whatever it reads against the root
	for i := int64(0); i < now.tree.N; i++ {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil {
			return fmt.Errorf("entry %d: %v", i, err)
		}
		path, err := tlog.ProveRecord(now.tree.N, i, reader)
		if err != nil {
			return fmt.Errorf("entry %d: %v", i, err)
		}
		if err := tlog.CheckRecord(path, now.tree.N, now.tree.Hash, i, hashes[0]); err != nil {
			return fmt.Errorf("entry %d: %v", i, err)
		}
	}
	for _, name := range older {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		then, err := openCheckpoint(text, verifier)
		if err != nil {
			return fmt.Errorf("%s: %v", name, err)
		}
		if then.tree.N > now.tree.N {
			return fmt.Errorf("%s: of size %d, and the log has %d", name, then.tree.N, now.tree.N)
		}
		if then.tree.N == 0 {
			continue
		}
		path, err := tlog.ProveTree(now.tree.N, then.tree.N, reader)
		if err != nil {
			return fmt.Errorf("%s: %v", name, err)
		}
		if err := tlog.CheckTree(path, now.tree.N, now.tree.Hash, then.tree.N, then.tree.Hash); err != nil {
			return fmt.Errorf("%s: %v", name, err)
		}
	}
	fmt.Printf("go: verified: %s, %d entries, %d older checkpoints\n", origin, now.tree.N, len(older))
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) >= 3 && (os.Args[1] == "proof" || os.Args[1] == "fork"):
		keys := make(map[string]string)
		for _, arg := range os.Args[3:] {
			if i := strings.Index(arg, "="); i > 0 {
				keys[arg[:i]] = arg[i+1:]
			}
		}
		if os.Args[1] == "fork" {
			err = checkFork(os.Args[2], keys)
		} else {
			err = checkProof(os.Args[2], keys)
		}
	case len(os.Args) >= 5 && os.Args[1] == "log":
		err = checkLog(os.Args[2], os.Args[3], os.Args[4], os.Args[5:])
	default:
		err = errors.New("see the first lines of main.go")
	}
	if err != nil {
		fmt.Println("go: refused:", err)
		os.Exit(1)
	}
}
