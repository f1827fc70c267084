using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Core.Tests.Support;
using MadgNet.Reports.Tests.Support;
using PuppeteerSharp;
using PuppeteerSharp.Input;

namespace MadgNet.AspNetCore.Tests.Page;

/// <summary>The page in a real browser, on a service with a small network.</summary>
public sealed class PageTests(ServedPage served) : IClassFixture<ServedPage>
{
    [Fact]
    public async Task A_chosen_picture_is_shown_with_its_mask_and_its_regions()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        JsonElement label = (await Json("")).GetProperty("labels")[0];
        Assert.Equal(
            label.GetProperty("regions").EnumerateArray().Select(region => $"{region.GetProperty("id")}"),
            await ServedPage.Column(page, 0));
        Assert.StartsWith($"{label.GetProperty("regions").GetArrayLength()} regions", await ServedPage.Text(page, "status"));
        Assert.InRange(await ServedPage.MaskPixels(page), 1000, int.MaxValue);
        AssertQuiet(page);
    }

    [Fact]
    public async Task A_dropped_picture_is_segmented_too()
    {
        await using OpenedPage page = await served.OpenAsync();
        await page.Page.EvaluateFunctionAsync(
            """
            async (base64) => {
              const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
              const data = new DataTransfer();
              data.items.add(new File([bytes], "dropped.png"));
              document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
            }
            """,
            Convert.ToBase64String(await File.ReadAllBytesAsync(ServedPage.Image)));
        await page.Page.WaitForFunctionAsync("() => !document.getElementById('work').hidden");
        Assert.Equal("dropped.png", await ServedPage.Text(page, "file-name"));
        AssertQuiet(page);
    }

    [Fact]
    public async Task The_threshold_moves_the_mask_at_once_and_the_table_when_it_rests()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        int before = await ServedPage.MaskPixels(page);
        int asked = page.Requests.Count;
        await page.Page.EvaluateFunctionAsync(
            "() => { const slider = document.getElementById('threshold'); slider.value = 0.9; slider.dispatchEvent(new Event('input')); }");
        await ServedPage.Drawn(page);
        Assert.InRange(await ServedPage.MaskPixels(page), 1, before - 1);
        Assert.Equal("0.90", await ServedPage.Text(page, "threshold-value"));
        // What the drawing needed was in the browser: the service is asked when the slider rests.
        await page.Page.WaitForFunctionAsync("() => document.getElementById('status').textContent.endsWith('0.90.')");
        Assert.Equal(asked + 1, page.Requests.Count);
        Assert.Contains("threshold=0.9", page.Requests[^1]);
        JsonElement label = (await Json("?threshold=0.9")).GetProperty("labels")[0];
        Assert.Equal(
            label.GetProperty("regions").EnumerateArray().Select(region => region.GetProperty("areaPixels").GetInt32()),
            (await ServedPage.Column(page, 1)).Select(text => int.Parse(string.Concat(text.Where(char.IsDigit)))));
        AssertQuiet(page);
    }

    [Fact]
    public async Task Sliders_follow_the_keyboard()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        int all = await ServedPage.MaskPixels(page);
        await Press(page, "compare", Key.End);
        Assert.Equal(0, await ServedPage.MaskPixels(page));
        Assert.Equal("100 % before", await ServedPage.Text(page, "compare-value"));
        await Press(page, "compare", Key.Home);
        Assert.Equal(all, await ServedPage.MaskPixels(page));
        await Press(page, "opacity", Key.Home);
        Assert.Equal(0, await ServedPage.MaskPixels(page));
        await Press(page, "opacity", Key.End);
        Assert.Equal("100 %", await ServedPage.Text(page, "opacity-value"));
        AssertQuiet(page);
    }

    [Fact]
    public async Task The_picture_itself_is_a_slider_for_the_hand()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        BoundingBox box = await (await page.Page.QuerySelectorAsync("#picture")).BoundingBoxAsync();
        await page.Page.Mouse.MoveAsync(box.X + 10, box.Y + 50);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + 50, new MoveOptions { Steps = 5 });
        await page.Page.Mouse.UpAsync();
        Assert.InRange(await page.Page.EvaluateExpressionAsync<int>("Number(document.getElementById('compare').value)"), 49, 51);
    }

    [Fact]
    public async Task A_region_is_marked_from_its_row_and_by_a_click_on_it()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        const string Pressed = "[...document.querySelectorAll('#rows button[aria-pressed=true]')].map(button => button.textContent)";
        await page.Page.FocusAsync("#rows tr:nth-child(2) button");
        await page.Page.Keyboard.PressAsync(" ");
        string[] chosen = await ServedPage.Column(page, 0);
        Assert.Equal([chosen[1]], await page.Page.EvaluateExpressionAsync<string[]>(Pressed));
        JsonElement result = await Json("");
        JsonElement region = result.GetProperty("labels")[0].GetProperty("regions")[0];
        // Reaching the row has scrolled the picture away.
        await page.Page.EvaluateExpressionAsync("window.scrollTo(0, 0)");
        BoundingBox box = await (await page.Page.QuerySelectorAsync("#picture")).BoundingBoxAsync();
        decimal scale = box.Width / result.GetProperty("width").GetDecimal();
        await page.Page.Mouse.ClickAsync(
            box.X + (scale * (region.GetProperty("centroid").GetProperty("x").GetDecimal() + 0.5m)),
            box.Y + (scale * (region.GetProperty("centroid").GetProperty("y").GetDecimal() + 0.5m)));
        Assert.Equal([chosen[0]], await page.Page.EvaluateExpressionAsync<string[]>(Pressed));
        AssertQuiet(page);
    }

    [Fact]
    public async Task The_table_is_sorted_both_ways_by_keyboard()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        await page.Page.FocusAsync("#heads th:nth-child(2) button");
        await page.Page.Keyboard.PressAsync(Key.Enter);
        int[] up = [.. (await ServedPage.Column(page, 1)).Select(text => int.Parse(string.Concat(text.Where(char.IsDigit))))];
        Assert.Equal(up.Order(), up);
        await page.Page.Keyboard.PressAsync(Key.Enter);
        int[] down = [.. (await ServedPage.Column(page, 1)).Select(text => int.Parse(string.Concat(text.Where(char.IsDigit))))];
        Assert.Equal(up.OrderDescending(), down);
        Assert.Equal(
            "descending", await page.Page.EvaluateExpressionAsync<string>("document.querySelector('#heads th:nth-child(2)').ariaSort"));
    }

    [Fact]
    public async Task A_map_is_shown_in_colours_with_its_scale()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        await page.Page.SelectAsync("#map", "region");
        await page.Page.WaitForFunctionAsync("() => !document.getElementById('scale').hidden");
        await ServedPage.Drawn(page);
        Assert.Equal("Probability", await ServedPage.Text(page, "scale-name"));
        // Dark violet is where the network is sure that nothing is.
        Assert.True(await page.Page.EvaluateFunctionAsync<bool>(
            """
            () => {
              const canvas = document.getElementById("picture");
              const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
              copy.drawImage(canvas, 0, 0);
              const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
              let violet = 0;
              for (let i = 0; i < pixels.length; i += 4) violet += pixels[i + 2] > pixels[i + 1] + 15 ? 1 : 0;
              return violet > pixels.length / 16;
            }
            """));
        AssertQuiet(page);
    }

    [Theory]
    [InlineData("mask", "nuclei-mask.png")]
    [InlineData("geojson", "nuclei.geojson")]
    [InlineData("nifti", "nuclei.nii.gz")]
    public async Task A_download_is_the_services_own_answer(string output, string name)
    {
        using var folder = new TemporaryFolder();
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        ICDPSession session = await page.Page.CreateCDPSessionAsync();
        await session.SendAsync("Browser.setDownloadBehavior", new { behavior = "allow", downloadPath = folder.Root });
        await page.Page.ClickAsync($"[data-output={output}]");
        await page.Page.WaitForFunctionAsync("() => document.getElementById('status').textContent.startsWith('Saved')");
        string path = folder.File(name);
        for (int i = 0; i < 600 && !File.Exists(path); i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal(await Post($"?output={output}&threshold=0.5"), await File.ReadAllBytesAsync(path));
        Assert.Equal($"Saved {name}.", await ServedPage.Text(page, "status"));
        AssertQuiet(page);
    }

    [Fact]
    public async Task A_file_that_the_browser_cannot_show_is_shown_by_the_service()
    {
        using var folder = new TemporaryFolder();
        string scan = folder.Write("scan.dcm", ScanFormat.Write(await File.ReadAllBytesAsync(ServedPage.Image)));
        await using OpenedPage page = await served.OpenWithAsync(scan);
        Assert.Contains(page.Requests, request => request.Contains("output=image", StringComparison.Ordinal));
        Assert.InRange(await ServedPage.MaskPixels(page), 1000, int.MaxValue);
        AssertQuiet(page);
    }

    [Fact]
    public async Task A_file_with_a_spacing_is_measured_in_millimetres_and_downloaded_as_a_dicom_seg()
    {
        using var folder = new TemporaryFolder();
        string scan = folder.Write("scan.dcm", ScanFormat.Write(await File.ReadAllBytesAsync(ServedPage.Image)));
        await using OpenedPage page = await served.OpenWithAsync(scan);
        string[] heads = await page.Page.EvaluateExpressionAsync<string[]>(
            "[...document.querySelectorAll('#heads th')].map(head => head.textContent)");
        Assert.Equal(
            ["Region", "Area (px)", "Area (mm²)", "Probability", "Width (mm)", "Height (mm)", "Centre x (px)", "Centre y (px)"], heads);
        Assert.Contains("a pixel is 0.25 × 0.5 mm", await ServedPage.Text(page, "total"));
        JsonElement region = (await Json("")).GetProperty("labels")[0].GetProperty("regions")[0];
        Assert.Equal(
            region.GetProperty("box").GetProperty("width").GetDouble() * 0.25,
            double.Parse((await ServedPage.Column(page, 4))[0], CultureInfo.InvariantCulture),
            1e-9);
        Assert.True(await page.Page.EvaluateExpressionAsync<bool>("!document.querySelector('[data-output=seg]').hidden"));
        AssertQuiet(page);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_not_sent()
    {
        using var folder = new TemporaryFolder();
        string large = folder.Write("large.png", new byte[ServedPage.MaximumBytes + 1]);
        await using OpenedPage page = await served.OpenAsync();
        int asked = page.Requests.Count;
        await ServedPage.ChooseAsync(page, large);
        await page.Page.WaitForFunctionAsync("() => !document.getElementById('error').hidden");
        Assert.Contains("takes up to 4 MB", await ServedPage.Text(page, "error-text"));
        Assert.Equal(asked, page.Requests.Count);
    }

    [Fact]
    public async Task A_damaged_file_is_refused_in_words_and_the_next_one_is_taken()
    {
        using var folder = new TemporaryFolder();
        string broken = folder.Write("broken.png", (await File.ReadAllBytesAsync(ServedPage.Image)).AsSpan(0, 400));
        await using OpenedPage page = await served.OpenAsync();
        await ServedPage.ChooseAsync(page, broken);
        await page.Page.WaitForFunctionAsync("() => !document.getElementById('error').hidden");
        using HttpResponseMessage refused = await served.Client.PostAsync("segment", Content(await File.ReadAllBytesAsync(broken)));
        Assert.Equal(422, (int)refused.StatusCode);
        string detail = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString()!;
        Assert.Equal(detail, await ServedPage.Text(page, "error-text"));
        Assert.Equal("alert", await page.Page.EvaluateExpressionAsync<string>("document.getElementById('error').getAttribute('role')"));
        // The browser notes every answer that is no success; nothing else went wrong.
        Assert.All(page.Errors, error => Assert.Contains("422", error));
        await ServedPage.ChooseAsync(page, ServedPage.Image);
        await page.Page.WaitForFunctionAsync("() => !document.getElementById('work').hidden");
        Assert.True(await page.Page.EvaluateExpressionAsync<bool>("document.getElementById('error').hidden"));
    }

    [Fact]
    public async Task A_service_that_is_away_is_told_in_words()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        await page.Page.SetOfflineModeAsync(true);
        await page.Page.ClickAsync("[data-output=mask]");
        await page.Page.WaitForFunctionAsync("() => !document.getElementById('error').hidden");
        Assert.Contains("cannot be reached", await ServedPage.Text(page, "error-text"));
        await page.Page.SetOfflineModeAsync(false);
        await page.Page.SelectAsync("#map", "region");
        await page.Page.WaitForFunctionAsync("() => document.getElementById('error').hidden");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_wider_than_a_phone(bool dark)
    {
        const string Width = "document.documentElement.scrollWidth";
        await using OpenedPage empty = await served.OpenAsync(375, dark);
        Assert.InRange(await empty.Page.EvaluateExpressionAsync<int>(Width), 1, 375);
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image, 375, dark);
        Assert.InRange(await page.Page.EvaluateExpressionAsync<int>(Width), 1, 375);
        Assert.Equal(
            dark ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)",
            await page.Page.EvaluateExpressionAsync<string>("getComputedStyle(document.body).backgroundColor"));
        AssertQuiet(page);
    }

    [Fact]
    public async Task Every_control_has_a_name_and_is_reached_by_the_keyboard()
    {
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image);
        string[] nameless = await page.Page.EvaluateExpressionAsync<string[]>(
            """
            [...document.querySelectorAll("input, select, button")]
              .filter((control) => !(control.labels?.length && control.labels[0].textContent.trim()) && !control.textContent.trim())
              .map((control) => control.outerHTML)
            """);
        Assert.Empty(nameless);
        var reached = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            await page.Page.Keyboard.PressAsync(Key.Tab);
            reached.Add(await page.Page.EvaluateExpressionAsync<string>("document.activeElement.id || document.activeElement.textContent"));
        }

        Assert.Superset(
            new HashSet<string> { "other", "compare", "map", "threshold", "opacity", "Mask (PNG)", "GeoJSON", "NIfTI", "table" }, reached);
    }

    private static async Task Press(OpenedPage page, string id, string key)
    {
        await page.Page.FocusAsync($"#{id}");
        await page.Page.Keyboard.PressAsync(key);
        await ServedPage.Drawn(page);
    }

    /// <summary>Nothing went wrong, and nobody but the service was asked for anything.</summary>
    private void AssertQuiet(OpenedPage page)
    {
        Assert.Empty(page.Errors);
        Assert.All(page.Requests, request => Assert.StartsWith(
            request.StartsWith("blob:", StringComparison.Ordinal) ? $"blob:{served.Address}" : served.Address.AbsoluteUri, request));
    }

    private async Task<JsonElement> Json(string query) => JsonDocument.Parse(await Post(query)).RootElement;

    private async Task<byte[]> Post(string query)
    {
        using HttpResponseMessage answer = await served.Client.PostAsync(
            $"segment{query}", Content(await File.ReadAllBytesAsync(ServedPage.Image)));
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static ByteArrayContent Content(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return content;
    }
}
