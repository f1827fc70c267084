using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Core.Imaging;
using SkiaSharp;

namespace MadgNet.AspNetCore.Tests;

/// <summary>What a caller gets for a good image, in every form.</summary>
public sealed class SegmentTests
{
    private static readonly byte[] Picture = TestService.Png(TestService.Picture());

    [Fact]
    public async Task Json_tells_every_label_with_its_regions_in_pixels()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        (int status, JsonElement json) = await service.AskAsync(Picture);
        Assert.Equal(200, status);
        Assert.Equal((24, 16), (json.GetProperty("width").GetInt32(), json.GetProperty("height").GetInt32()));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("spacing").ValueKind);
        Assert.Equal(
            ["bright", "dark"], json.GetProperty("labels").EnumerateArray().Select(label => label.GetProperty("label").GetString()));
        JsonElement bright = json.GetProperty("labels")[0];
        Assert.Equal(0.5, bright.GetProperty("threshold").GetDouble());
        Assert.Equal(28 + 16, bright.GetProperty("areaPixels").GetInt64());
        JsonElement[] regions = [.. bright.GetProperty("regions").EnumerateArray()];
        Assert.Equal([1, 2], regions.Select(region => region.GetProperty("id").GetInt32()));
        Assert.Equal("""{"x":2,"y":3,"width":6,"height":5}""", regions[0].GetProperty("box").GetRawText());
        Assert.Equal("""{"x":14,"y":10}""", regions[1].GetProperty("centroid").GetRawText());
        Assert.Equal(150.0 / 255, regions[1].GetProperty("meanProbability").GetDouble(), 5);
        Assert.Equal("[[[12,8],[16,8],[16,12],[12,12]]]", Sorted(regions[1].GetProperty("contours")));
        Assert.Equal(2, regions[0].GetProperty("contours").GetArrayLength());
        Assert.Empty(json.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task Pictures_are_those_of_the_library()
    {
        using var predictor = new BrightnessPredictor();
        await using TestService service = await TestService.StartAsync(predictor);
        PixelImage image = TestService.Picture();
        PixelImage mask = await PngOf(service, "?output=mask");
        Assert.Equal(predictor.Predict(image, "region", default).Mask(0).Bytes.ToArray(), mask.Bytes.ToArray());
        Assert.Equal(
            predictor.Predict(image, "region", default).Mask(1).Bytes.ToArray(),
            (await PngOf(service, "?output=mask&label=dark")).Bytes.ToArray());
        Assert.Equal(image.Bytes.ToArray(), (await PngOf(service, "?output=probability")).Bytes.ToArray());
        Assert.Equal(image.Bytes.ToArray(), (await PngOf(service, "?output=image")).Bytes.ToArray());
        PixelImage overlay = await PngOf(service, "?output=overlay&label=bright");
        Assert.Equal((24, 16, 3), (overlay.Width, overlay.Height, overlay.Channels));
        Assert.NotEqual(overlay[5, 7, 0], overlay[5, 7, 2]);
        Assert.Equal((0, 0, 0), (overlay[22, 1, 0], overlay[22, 1, 1], overlay[22, 1, 2]));
    }

    [Fact]
    public async Task Threshold_and_map_change_the_answer()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        (_, JsonElement higher) = await service.AskAsync(Picture, "?threshold=0.7&label=bright");
        JsonElement label = Assert.Single(higher.GetProperty("labels").EnumerateArray());
        Assert.Equal((0.7, 28), (label.GetProperty("threshold").GetDouble(), label.GetProperty("areaPixels").GetInt64()));
        (_, JsonElement distance) = await service.AskAsync(Picture, "?map=distance&threshold=0.35&label=bright");
        Assert.Equal(28, distance.GetProperty("labels")[0].GetProperty("areaPixels").GetInt64());
    }

    [Fact]
    public async Task Geojson_holds_the_regions_as_objects_of_QuPath()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using HttpResponseMessage answer = await service.PostAsync(Picture, "?label=bright", accept: "application/geo+json");
        Assert.Equal("application/geo+json", answer.Content.Headers.ContentType!.MediaType);
        JsonElement json = await TestService.JsonOf(answer);
        JsonElement[] features = [.. json.GetProperty("features").EnumerateArray()];
        Assert.Equal(2, features.Length);
        Assert.All(features, feature =>
        {
            Assert.Equal("detection", feature.GetProperty("properties").GetProperty("objectType").GetString());
            Assert.Equal("bright", feature.GetProperty("properties").GetProperty("classification").GetProperty("name").GetString());
        });
        Assert.Equal(2, features[0].GetProperty("geometry").GetProperty("coordinates").GetArrayLength());
    }

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/html, application/json;q=0.5", "application/json")]
    [InlineData("image/png", "mask.png")]
    [InlineData("image/*", "mask.png")]
    [InlineData("image/png;content=probability", "probability.png")]
    [InlineData("image/png;content=overlay", "overlay.png")]
    [InlineData("application/json;q=0.1, image/png;content=overlay;q=0.9", "overlay.png")]
    [InlineData("application/json;q=0, image/png", "mask.png")]
    [InlineData("application/geo+json", "regions.geojson")]
    public async Task Accept_chooses_the_form(string? accept, string expected)
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using HttpResponseMessage answer = await service.PostAsync(Picture, accept: accept);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            expected,
            answer.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task A_form_gives_what_a_body_gives()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using HttpResponseMessage body = await service.PostAsync(Picture);
        using var form = new MultipartFormDataContent { { new StringContent("a text"), "comment" } };
        var part = new ByteArrayContent(Picture);
        part.Headers.ContentType = MediaTypeHeaderValue.Parse("image/png");
        form.Add(part, "image", "name.png");
        using HttpResponseMessage other = await service.Client.PostAsync("/segment", form);
        Assert.Equal(await body.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("application/octet-stream")]
    [InlineData(null)]
    public async Task Jpeg_is_read_whatever_is_declared(string? type)
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using var bitmap = new SKBitmap(40, 30, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.White);
        byte[] jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90).ToArray();
        (int status, JsonElement json) = await service.AskAsync(jpeg, "?label=bright", type);
        Assert.Equal(200, status);
        Assert.Equal(1200, json.GetProperty("labels")[0].GetProperty("areaPixels").GetInt64());
    }

    [Fact]
    public async Task Tiff_of_16_bits_is_read_shown_and_warned_of()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        byte[] content = Tiff16(20, 10);
        (int status, JsonElement json) = await service.AskAsync(content, "", "image/tiff");
        Assert.Equal((200, 20), (status, json.GetProperty("width").GetInt32()));
        Assert.Contains("16 bits", Assert.Single(json.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        using HttpResponseMessage picture = await service.PostAsync(content, "?output=image", "image/tiff");
        PixelImage shown = new ImageReader().Decode(await picture.Content.ReadAsByteArrayAsync(), "shown");
        Assert.Equal((20, 10, 8), (shown.Width, shown.Height, shown.BitDepth));
    }

    [Fact]
    public async Task The_model_is_described()
    {
        await using TestService service = await TestService.StartAsync(
            new BrightnessPredictor(), options => (options.MaximumBytes, options.MaximumPixels) = (1000, 2000));
        JsonElement model = JsonDocument.Parse(await service.Client.GetStringAsync("/model")).RootElement;
        Assert.Equal("test", model.GetProperty("name").GetString());
        Assert.Equal("""["bright","dark"]""", model.GetProperty("labels").GetRawText());
        Assert.Equal(0.5, model.GetProperty("threshold").GetDouble());
        Assert.Equal("""{"width":null,"height":null,"channels":3}""", model.GetProperty("input").GetRawText());
        Assert.Equal("""["region","distance"]""", model.GetProperty("maps").GetRawText());
        Assert.Equal((1000, 2000), (model.GetProperty("maximumBytes").GetInt64(), model.GetProperty("maximumPixels").GetInt64()));
        Assert.Equal("""["png","jpeg","tiff"]""", model.GetProperty("formats").GetRawText());
    }

    /// <summary>A contour from its first corner in reading order on: where it begins is not what is tested.</summary>
    private static string Sorted(JsonElement contours)
    {
        string text = contours.GetRawText();
        return text == "[[[16,8],[16,12],[12,12],[12,8]]]" ? "[[[12,8],[16,8],[16,12],[12,12]]]" : text;
    }

    private static async Task<PixelImage> PngOf(TestService service, string query)
    {
        using HttpResponseMessage answer = await service.PostAsync(Picture, query);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.MediaType);
        return new ImageReader().Decode(await answer.Content.ReadAsByteArrayAsync(), "answer");
    }

    /// <summary>A grey TIFF of one strip, little endian.</summary>
    private static byte[] Tiff16(int width, int height)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("II*\0"u8);
        writer.Write(8);
        (ushort Tag, ushort Type, uint Value)[] tags =
        [
            (256, 3, (uint)width), (257, 3, (uint)height), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8 + 2 + (9 * 12) + 4),
            (277, 3, 1), (278, 3, (uint)height), (279, 4, (uint)(width * height * 2)),
        ];
        writer.Write((ushort)tags.Length);
        foreach ((ushort tag, ushort type, uint value) in tags)
        {
            writer.Write(tag);
            writer.Write(type);
            writer.Write(1u);
            writer.Write(value);
        }

        writer.Write(0u);
        for (int i = 0; i < width * height; i++)
        {
            writer.Write((ushort)(i * 300));
        }

        writer.Flush();
        return stream.ToArray();
    }
}
