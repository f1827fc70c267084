using System.Text.Json;
using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Cli.Commands;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.AspNetCore.Tests;

/// <summary>DICOM, NIfTI and SEG where a host adds them.</summary>
public sealed class MedicalTests
{
    private static readonly byte[] Slice = DicomWriter.Encode(CtPhantom.Slice(0, 1, 24, 32, 2.5));

    [Fact]
    public async Task A_slice_is_measured_in_square_millimetres()
    {
        await using TestService service = await Start();
        (int status, JsonElement json) = await service.AskAsync(Slice, "?label=bright&threshold=0.001", "application/dicom");
        Assert.Equal(200, status);
        Assert.Equal("""{"row":0.8,"column":0.7}""", json.GetProperty("spacing").GetRawText());
        JsonElement label = json.GetProperty("labels")[0];
        long pixels = label.GetProperty("areaPixels").GetInt64();
        Assert.InRange(pixels, 1, 24 * 32);
        Assert.Equal(pixels * 0.8 * 0.7, label.GetProperty("areaSquareMillimetres").GetDouble(), 9);
        foreach (JsonElement point in label.GetProperty("regions")[0].GetProperty("contours")[0].EnumerateArray())
        {
            Assert.InRange(point[0].GetInt32(), 0, 32);
            Assert.InRange(point[1].GetInt32(), 0, 24);
        }

        using HttpResponseMessage picture = await service.PostAsync(Slice, "?output=image", "application/dicom");
        Assert.Equal("image/png", picture.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_segmentation_refers_to_the_slice_and_holds_the_mask()
    {
        await using TestService service = await Start();
        using HttpResponseMessage mask = await service.PostAsync(Slice, "?output=mask&label=dark", "application/dicom");
        using HttpResponseMessage answer = await service.PostAsync(Slice, accept: "application/dicom", type: "application/dicom");
        Assert.Equal("application/dicom", answer.Content.Headers.ContentType!.MediaType);
        var seg = new SegFile(DicomFile.Decode(await answer.Content.ReadAsByteArrayAsync(), "answer"));
        Assert.Equal(["bright", "dark"], seg.Segments.Select(segment => segment.Label));
        Assert.Equal(CtPhantom.Slice(0, 1, 24, 32, 2.5).Text(Tags.SopInstance), seg.Frames[0].Sources[0].SopInstance);
        SegFrame dark = seg.Frames.First(frame => frame.Segment == 2);
        byte[] expected = new Core.Imaging.ImageReader().Decode(await mask.Content.ReadAsByteArrayAsync(), "mask").Bytes.ToArray();
        Assert.Equal(expected.Select(value => value == 0 ? 0f : 1f), seg.Plane(dark.Index).Data.ToArray());
    }

    [Fact]
    public async Task A_nifti_file_lies_where_the_slice_lies()
    {
        await using TestService service = await Start();
        using HttpResponseMessage answer = await service.PostAsync(Slice, "?output=nifti&threshold=0", "application/dicom");
        NiftiVolume volume = NiftiVolume.Decode(await answer.Content.ReadAsByteArrayAsync(), "answer");
        Assert.Equal([32, 24, 1], volume.Header.Shape);
        Assert.Equal(0.7, volume.Header.Affine.Column(0).Length, 5);
        Assert.Equal(0.8, volume.Header.Affine.Column(1).Length, 5);
        Assert.Equal((20, 30, -5), (volume.Header.Affine[0, 3], volume.Header.Affine[1, 3], volume.Header.Affine[2, 3]));
        Assert.Equal(1, volume[0]);
    }

    [Fact]
    public async Task A_picture_has_no_segmentation_and_a_broken_slice_no_answer()
    {
        await using TestService service = await Start();
        (int status, JsonElement problem) = await service.AskAsync(TestService.Png(TestService.Picture()), "?output=seg");
        Assert.Equal(422, status);
        Assert.Contains("a DICOM image", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(422, (await service.AskAsync(Slice[..(Slice.Length / 2)], "", "application/dicom")).Status);
    }

    [Fact]
    public async Task What_is_added_is_described()
    {
        await using TestService service = await Start();
        JsonElement model = JsonDocument.Parse(await service.Client.GetStringAsync("/model")).RootElement;
        Assert.Equal("""["png","jpeg","tiff","dicom"]""", model.GetProperty("formats").GetRawText());
        string document = await service.Client.GetStringAsync("/openapi.json");
        Assert.Contains("application/x-nifti", document, StringComparison.Ordinal);
        Assert.Contains("application/dicom", document, StringComparison.Ordinal);
    }

    private static Task<TestService> Start() => TestService.StartAsync(new BrightnessPredictor(), options =>
    {
        options.ImageFormats.Add(new DicomService());
        options.ResultFormats.Add(new NiftiService());
        options.ResultFormats.Add(new SegService(new SegOptions()));
    });
}
