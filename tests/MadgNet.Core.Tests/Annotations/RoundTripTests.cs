using CsCheck;
using MadgNet.Core.Annotations;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Annotations;

/// <summary>Every mask comes back from each format that is written.</summary>
public sealed class RoundTripTests
{
    [Theory]
    [InlineData(ComponentConnectivity.Four)]
    [InlineData(ComponentConnectivity.Eight)]
    public void Contours_cover_the_pixels_that_they_were_made_of(ComponentConnectivity connectivity) =>
        RandomMask.Gen.Sample(mask =>
        {
            var image = AnnotatedImage.FromMask("a", mask.Inside, mask.Height, mask.Width, "cell", connectivity);
            Assert.Equal(mask.Inside, image.ToMask(mask.Height, mask.Width));
        }, iter: 300);

    [Theory]
    [InlineData(CocoSegmentation.Polygons)]
    [InlineData(CocoSegmentation.RunLengths)]
    [InlineData(CocoSegmentation.CompressedRunLengths)]
    public void Coco_keeps_every_mask(CocoSegmentation form)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("coco.json");
        RandomMask.Gen.Sample(mask =>
        {
            var image = AnnotatedImage.FromMask("a.png", mask.Inside, mask.Height, mask.Width, "cell");
            AnnotationFile.WriteCoco(AnnotationSet.Of([image]), path, form);
            AnnotatedImage read = AnnotationFile.Read(path).Images.Single();
            Assert.Equal(("a.png", mask.Height, mask.Width), (read.Name, read.Height, read.Width));
            Assert.Equal(image.Objects.Count, read.Objects.Count);
            Assert.Equal(mask.Inside, read.ToMask(mask.Height, mask.Width));
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void QuPath_keeps_every_mask()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("slide.geojson");
        RandomMask.Gen.Sample(mask =>
        {
            var image = AnnotatedImage.FromMask("slide", mask.Inside, mask.Height, mask.Width, "tumour | \"a\"");
            AnnotationFile.WriteQuPath(image, path);
            AnnotatedImage read = AnnotationFile.Read(path).Images.Single();
            Assert.Equal("slide", read.Name);
            Assert.All(read.Objects, drawn => Assert.Equal("tumour | \"a\"", drawn.Label));
            Assert.Equal(mask.Inside, read.ToMask(mask.Height, mask.Width));
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void Masks_of_runs_become_polygons_where_a_format_knows_those_alone()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.geojson");
        RandomMask.Gen.Where(mask => mask.Inside.Contains(true)).Sample(mask =>
        {
            var drawn = new AnnotatedObject("cell", RunLengthMask.Encode(mask.Inside, mask.Height, mask.Width)) { Score = 0.25 };
            AnnotationFile.WriteQuPath(new AnnotatedImage("a", mask.Height, mask.Width, [drawn]), path, "detection");
            AnnotatedObject read = AnnotationFile.Read(path).Images.Single().Objects.Single();
            Assert.Equal(0.25, read.Score);
            Assert.Equal(mask.Inside, read.ToMask(mask.Height, mask.Width));
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void Every_brush_of_label_studio_is_read() =>
        RandomMask.Gen.Sample(mask =>
        {
            byte[] bytes = BrushEncoder.Encode(mask.Inside);
            Assert.Equal(mask.Inside, LabelStudioBrush.Decode(bytes, mask.Height, mask.Width));
        }, iter: 200);
}
