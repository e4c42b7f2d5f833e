package web_test

import (
	"bytes"
	"context"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
)

var pictures = flag.String("pictures", "", "write pictures of the page into this folder")

// A look is one picture.
type look struct {
	name          string
	width, height int64
	scheme        string
	script        string // run before
}

var looks = []look{
	{name: "page-light", width: 1280, height: 1900, scheme: "light"},
	{name: "page-dark", width: 1280, height: 1100, scheme: "dark"},
	{name: "page-gray", width: 1280, height: 1100, scheme: "light", script: `document.documentElement.style.filter = 'grayscale(1)'`},
	{name: "page-phone", width: 360, height: 1400, scheme: "dark"},
}

// TestPictures writes docs/pictures for make pictures, from a real relay: 2,000 nodes answer, some
// stay silent, two are denied, and some messages are rejected.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("only with -pictures")
	}
	b := startBrowser(t)
	s := busyScene(t)
	b.do(chromedp.Navigate("http://" + s.address() + "/"))
	b.until(`document.querySelector('#live').textContent === '● live'`)
	<-time.After(40 * time.Second) // the heat map shows a minute or so
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('#requests .row')[2].click()`))
	for _, l := range looks {
		b.picture(l)
	}
}

// busyScene is a scene with a fleet that is asked all the while.
func busyScene(t *testing.T) *scene {
	t.Helper()
	roster, err := fleet.NewRoster(fleet.Names("london", 2000))
	if err != nil {
		t.Fatal(err)
	}
	relay := &server.User{Username: "relay", Password: "secret", Permissions: &server.Permissions{Publish: &server.SubjectPermission{
		Allow: []string{">"}, Deny: []string{fedtest.Node(roster.Name(411)), fedtest.Node(roster.Name(412))},
	}}}
	all := &server.User{Username: "all", Password: "secret"}
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{Name: "c1.fed.example.net"}),
		Collective: fedtest.StartServer(t, embedded.Options{Name: "c1.london.example.net", Users: []*server.User{relay, all}}),
	}
	c := n.Config()
	c.Collective.User, c.Collective.Password = "relay", "secret"
	s := &scene{t: t, relay: fedtest.StartRelay(t, c), client: fedtest.Connect(t, n.Federation)}
	s.serve("127.0.0.1:0")
	t.Cleanup(s.stop)
	s.fleet(n, roster, nats.UserInfo("all", "secret"))
	return s
}

// fleet lets a client ask all nodes again and again until the test ends.
func (s *scene) fleet(n *fedtest.Networks, roster *fleet.Roster, login nats.Option) {
	delay, err := fleet.ParseDelay("lognormal:350ms,0.6")
	if err != nil {
		s.t.Fatal(err)
	}
	nodes, err := fleet.StartNodes(fleet.NodesOptions{
		URL: n.Collective.ClientURL(), NATS: []nats.Option{login}, Roster: roster, ReplyBytes: 500,
		Behaviour: fleet.Behaviour{Delay: delay, Loss: 0.001},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	client, err := fleet.Dial(fleet.ClientOptions{
		URL: n.Federation.ClientURL(), Clusters: []string{fedtest.Cluster}, Roster: roster, Ledger: fleet.NewLedger(roster), Timeout: 3 * time.Second,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	asking.Go(func() {
		some := []int{2000, 200, 2000, 40}
		for i := 0; ctx.Err() == nil; i++ {
			list := make([]int, some[i%len(some)])
			for k := range list {
				list[k] = k
			}
			_, _ = client.Ask(ctx, roster.Directed(list)) // some nodes stay silent
			_ = s.client.Publish(fedtest.FederationSubject, []byte(fedtest.Request("bad", "mcollective.>")))
		}
	})
	s.t.Cleanup(func() {
		cancel()
		asking.Wait()
		client.Close()
		nodes.Close()
	})
}

// picture writes one picture.
func (b *browser) picture(l look) {
	b.t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: l.height, DeviceScaleFactor: 1, Mobile: l.width < 500}
	if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
		b.t.Fatal(err)
	}
	scheme := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, scheme); err != nil {
		b.t.Fatal(err)
	}
	eval[string](b, `document.documentElement.style.filter = ''`)
	if l.script != "" {
		eval[string](b, l.script)
	}
	<-time.After(1500 * time.Millisecond) // all has been drawn anew
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	text := fewColors(b.t, shot)
	if len(text) > 150_000 {
		b.t.Errorf("%s has %d bytes", l.name, len(text))
	}
	if err := os.WriteFile(filepath.Join(*pictures, l.name+".png"), text, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// fewColors makes a PNG smaller: it keeps the 256 colours that are there most often.
func fewColors(t *testing.T, shot []byte) []byte {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	box := img.Bounds()
	counts := map[color.RGBA]int{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			counts[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	often := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int { return counts[b] - counts[a] })
	var palette color.Palette
	for _, c := range often[:min(256, len(often))] {
		palette = append(palette, c)
	}
	small := image.NewPaletted(box, palette)
	draw.Draw(small, box, img, box.Min, draw.Src)
	var text bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&text, small); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}
