package audit_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/audit"
)

var screenshots = flag.String("screenshots", "", "write pictures of the audit page to this `folder`")

// browser is a headless Chromium, driven over two pipes by messages of the
// DevTools protocol, each with a NUL at its end.
type browser struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	next    int
	session string
	events  []event
}

type event struct {
	Method string
	Params json.RawMessage
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("no chromium here: scripts/test installs it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	dir := profile(t)
	cmd := exec.CommandContext(ctx, program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND",
		"--user-data-dir="+dir, "about:blank")
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, "LC_ALL=C.UTF-8"}
	in, to := pipe(t)
	from, out := pipe(t)
	cmd.ExtraFiles = []*os.File{in, out}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		b.session = ""
		_, _ = b.try("Browser.close", nil)
		_ = cmd.Wait()
	})
	_, _ = in.Close(), out.Close()
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// profile is a folder for the browser. Its helpers may write there a moment longer
// than it lives, which t.TempDir does not forgive.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "audit-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Error(err)
	})
	return dir
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

// try sends a command and reads up to its answer; events on the way are kept.
func (b *browser) try(method string, params any) (json.RawMessage, error) {
	b.next++
	message := map[string]any{"id": b.next, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	data, err := json.Marshal(message)
	if err == nil {
		_, err = b.to.Write(append(data, 0))
	}
	if err != nil {
		return nil, err
	}
	for {
		data, err := b.from.ReadBytes(0)
		if err != nil {
			return nil, err
		}
		var m struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
			event
		}
		if err := json.Unmarshal(bytes.TrimSuffix(data, []byte{0}), &m); err != nil {
			return nil, err
		}
		switch {
		case m.ID == 0:
			b.events = append(b.events, m.event)
		case m.ID == b.next && m.Error != nil:
			return nil, errors.New(m.Error.Message)
		case m.ID == b.next:
			return m.Result, nil
		}
	}
}

func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	data, err := b.try(method, params)
	if err == nil && result != nil {
		err = json.Unmarshal(data, result)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

// eval runs an expression, waiting for a promise.
func (b *browser) eval(expression string, into any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	if err := json.Unmarshal(r.Result.Value, into); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// load shows a file and waits until it is there.
func (b *browser) load(file string, scripts bool) {
	b.t.Helper()
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": !scripts}, nil)
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	for range 1000 {
		for _, e := range b.events {
			if e.Method == "Page.loadEventFired" {
				return
			}
		}
		b.call("Page.getFrameTree", nil, nil) // reads what has come meanwhile
	}
	b.t.Fatal("the page never loaded")
}

// quiet holds what the page did against what it may: no error, no request but
// for itself.
func (b *browser) quiet(file string) {
	b.t.Helper()
	requests := 0
	for _, e := range b.events {
		switch e.Method {
		case "Network.requestWillBeSent":
			if requests++; !strings.Contains(string(e.Params), `"url":"file://`+file) {
				b.t.Errorf("the page asked for something: %s", e.Params)
			}
		case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled":
			b.t.Errorf("the browser complains: %s", e.Params)
		}
	}
	if requests == 0 {
		b.t.Error("saw no request at all, not even for the page")
	}
}

func writePage(t *testing.T, f audit.Facts) string {
	t.Helper()
	var page bytes.Buffer
	if err := audit.Build(f).HTML(&page, show); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "audit.html")
	if err := os.WriteFile(name, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestPageInBrowser: a real browser loads nothing else, has nothing to complain
// of, sorts with JavaScript, and shows as much without.
func TestPageInBrowser(t *testing.T) {
	b := openBrowser(t)
	file := writePage(t, sample())
	b.load(file, true)
	b.quiet(file)

	const paths = `[...document.querySelectorAll("table.files tbody tr")].map((r) => r.cells[0].textContent)`
	var before, after, down []string
	b.eval(paths, &before)
	press := func(key string) {
		for _, kind := range []string{"keyDown", "keyUp"} {
			b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": 13, "text": "\r"}, nil)
		}
	}
	var sort string
	b.eval(`(document.querySelector("table.files th button").focus(), "")`, &sort)
	press("Enter")
	b.eval(paths, &after)
	b.eval(`document.querySelector("table.files th").getAttribute("aria-sort")`, &sort)
	if sort != "ascending" || len(after) != len(before) || after[0] != "env/dev/service-1.env" {
		t.Errorf("after a key on the first header: aria-sort %q, %d of %d rows, the first %q", sort, len(after), len(before), after[0])
	}
	press("Enter")
	b.eval(paths, &down)
	if down[0] != after[len(after)-1] {
		t.Errorf("the other way round the first is %q, want %q", down[0], after[len(after)-1])
	}
	var left int
	b.eval(`(() => { const i = document.querySelector("input[type=search]"); i.value = "prod service-6"; i.dispatchEvent(new Event("input"));
		return [...document.querySelectorAll("table.files tbody tr")].filter((r) => !r.hidden).length })()`, &left)
	if left != 1 {
		t.Errorf("the filter leaves %d rows, want 1", left)
	}
	var overlaps []string
	b.eval(overlapping, &overlaps)
	if len(overlaps) > 0 {
		t.Errorf("texts of the picture that overlap or leave their box: %q", overlaps)
	}
	b.quiet(file)

	b.load(file, false)
	b.quiet(file)
	var plain []string
	b.eval(paths, &plain) // the protocol may look where the page may not run
	var buttons int
	b.eval(`document.querySelectorAll("button").length`, &buttons)
	if len(plain) != len(before) || buttons != 0 {
		t.Errorf("without JavaScript: %d of %d rows, %d buttons that do nothing", len(plain), len(before), buttons)
	}
}

// overlapping finds texts of the picture that touch another, or are wider than
// the box they stand in.
const overlapping = `(() => {
	const texts = [...document.querySelectorAll("svg text")].map((t) => [t, t.getBoundingClientRect()]);
	const bad = [];
	texts.forEach(([t, r], i) => {
		const box = t.closest("g") && t.closest("g").querySelector("rect.box, rect.ring");
		if (box && r.right > box.getBoundingClientRect().right - 2) bad.push("wide: " + t.textContent);
		for (const [u, s] of texts.slice(i + 1))
			if (r.left < s.right && s.left < r.right && r.top + 2 < s.bottom && s.top + 2 < r.bottom) bad.push(t.textContent + " / " + u.textContent);
	});
	return bad;
})()`

// TestHostilePageInBrowser: names from a stranger run nothing, and hide nothing.
func TestHostilePageInBrowser(t *testing.T) {
	b := openBrowser(t)
	file := writePage(t, hostile())
	b.load(file, true)
	b.quiet(file)
	var scripts, rows int
	b.eval(`document.scripts.length`, &scripts)
	b.eval(`document.querySelectorAll("table.files tbody tr").length`, &rows)
	if scripts != 1 || rows != len(hostile().Files) {
		t.Errorf("%d scripts, %d rows", scripts, rows)
	}
}

// TestLargePageInBrowser: 30 recipients and 20,000 paths are still a page.
func TestLargePageInBrowser(t *testing.T) {
	b := openBrowser(t)
	file := writePage(t, large())
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d KiB", info.Size()>>10)
	if info.Size() > 4<<20 {
		t.Errorf("the page has %d bytes", info.Size())
	}
	b.load(file, true)
	b.quiet(file)
	var names int
	b.eval(`document.querySelectorAll("table.files tbody tr, section[aria-labelledby=files] details li").length`, &names)
	if names != len(large().Files) {
		t.Errorf("%d paths, want %d", names, len(large().Files))
	}
	var overlaps []string
	b.eval(overlapping, &overlaps)
	if len(overlaps) > 0 {
		t.Errorf("texts of the picture that overlap or leave their box: %q", overlaps)
	}
}

// TestScreenshots writes pictures for people to look at.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no -screenshots folder")
	}
	b := openBrowser(t)
	for _, s := range []struct {
		name   string
		facts  audit.Facts
		width  int
		scheme string
	}{
		{"desktop-light", sample(), 1280, "light"},
		{"desktop-dark", sample(), 1280, "dark"},
		{"phone-light", sample(), 390, "light"},
		{"phone-dark", sample(), 390, "dark"},
		{"large", large(), 1280, "light"},
		{"hostile", hostile(), 1280, "light"},
	} {
		file := writePage(t, s.facts)
		b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": s.scheme}}}, nil)
		b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": s.width, "height": 900, "deviceScaleFactor": 1, "mobile": s.width < 500}, nil)
		b.load(file, true)
		var height int
		b.eval(`Math.min(document.documentElement.scrollHeight, 5200)`, &height)
		var wide int
		b.eval(`document.documentElement.scrollWidth`, &wide)
		if wide > s.width {
			t.Errorf("%s: the page is %d wide on a screen of %d", s.name, wide, s.width)
		}
		var shot struct{ Data string }
		b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true,
			"clip": map[string]any{"x": 0, "y": 0, "width": s.width, "height": height, "scale": 1}}, &shot)
		data, err := base64.StdEncoding.DecodeString(shot.Data)
		if err == nil {
			err = os.WriteFile(filepath.Join(*screenshots, fmt.Sprintf("audit-%s.png", s.name)), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
