using MadgNet.Core.Annotations;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Annotations;

public sealed class AnnotationDatasetTests
{
    [Fact]
    public void Images_and_a_coco_file_are_a_dataset_of_named_labels()
    {
        using var folder = new TemporaryFolder();
        string annotations = Write(folder);
        var dataset = new AnnotationDataset(folder.File("images"), annotations, new AnnotationDatasetOptions
        {
            Labels = [new AnnotationLabel("cells", "cell", "dead cell"), new AnnotationLabel("walls", "wall")],
        });
        Assert.Equal(["a", "b"], Enumerable.Range(0, dataset.Count).Select(dataset.NameOf));
        Assert.Equal(["cells", "walls"], dataset.Labels);
        Sample sample = dataset.Load(0);
        Assert.Equal((8, 10), (sample.Image.Height, sample.Image.Width));
        Assert.Equal(4 + 1, sample.Masks[0].Data.ToArray().Sum());
        Assert.Equal(6, sample.Masks[1].Data.ToArray().Sum());
        Assert.Equal(0, dataset.Load(1).Masks[0].Data.ToArray().Sum());
    }

    [Fact]
    public void Without_labels_everything_is_foreground()
    {
        using var folder = new TemporaryFolder();
        var dataset = new AnnotationDataset(folder.File("images"), Write(folder));
        Assert.Equal(["foreground"], dataset.Labels);
        Assert.Equal(11, dataset.Load(0).Masks.Single().Data.ToArray().Sum());
    }

    [Fact]
    public void A_class_of_no_label_is_refused_unless_it_is_to_be_background()
    {
        using var folder = new TemporaryFolder();
        string annotations = Write(folder);
        var options = new AnnotationDatasetOptions { Labels = [new AnnotationLabel("cell", "cell")] };
        var refused = Assert.Throws<DatasetException>(() => new AnnotationDataset(folder.File("images"), annotations, options));
        Assert.Contains("dead cell, wall", refused.Message, StringComparison.Ordinal);
        var dataset = new AnnotationDataset(folder.File("images"), annotations, options with { IgnoreOtherClasses = true });
        Assert.Equal(4, dataset.Load(0).Masks.Single().Data.ToArray().Sum());
    }

    [Fact]
    public void Images_without_annotations_are_refused_or_left_out()
    {
        using var folder = new TemporaryFolder();
        string annotations = Write(folder);
        ImageWriter.Write(new PixelImage(10, 8, 1, new byte[80]), folder.File("images/c.png"));
        Assert.Throws<DatasetException>(() => new AnnotationDataset(folder.File("images"), annotations));
        var dataset = new AnnotationDataset(
            folder.File("images"),
            annotations,
            new AnnotationDatasetOptions { Images = new FolderDatasetOptions { Unpaired = UnpairedFiles.LeaveOut } });
        Assert.Equal(2, dataset.Count);
        Assert.Equal(FindingKind.MissingMask, Assert.Single(dataset.Findings).Kind);
    }

    [Fact]
    public void An_image_of_another_size_than_was_drawn_on_is_found_by_the_doctor()
    {
        using var folder = new TemporaryFolder();
        string annotations = Write(folder);
        ImageWriter.Write(new PixelImage(5, 4, 1, new byte[20]), folder.File("images/a.png"));
        IDataset dataset = new AnnotationDataset(folder.File("images"), annotations);
        Assert.Throws<DatasetException>(() => dataset.Load(0));
        DoctorReport report = DatasetDoctor.Examine(dataset);
        Assert.Contains(report.Findings, finding => finding.Kind == FindingKind.SizeMismatch && finding.Severity == FindingSeverity.Error);
    }

    [Fact]
    public void A_folder_of_QuPath_files_is_matched_by_their_names()
    {
        using var folder = new TemporaryFolder();
        AnnotationSet set = AnnotationFile.Read(Write(folder));
        foreach (AnnotatedImage image in set.Images)
        {
            AnnotationFile.WriteQuPath(image, folder.File($"geojson/{Path.GetFileNameWithoutExtension(image.Name)}.geojson"));
        }

        var dataset = new AnnotationDataset(folder.File("images"), folder.File("geojson"));
        Assert.Equal(11, dataset.Load(0).Masks.Single().Data.ToArray().Sum());
    }

    /// <summary>Two images of 10×8 and a COCO file: three objects on the first, none on the second.</summary>
    private static string Write(TemporaryFolder folder)
    {
        foreach (string name in new[] { "a", "b" })
        {
            ImageWriter.Write(new PixelImage(10, 8, 1, new byte[80]), folder.File($"images/{name}.png"));
        }

        static AnnotatedObject Box(string label, double left, double top, double right, double bottom) =>
            new(label, [new AnnotationPolygon([new(left, top), new(right, top), new(right, bottom), new(left, bottom)])]);
        string path = folder.File("coco.json");
        AnnotationFile.WriteCoco(
            AnnotationSet.Of(
                [
                    new AnnotatedImage(
                        "a.png", 8, 10, [Box("cell", 0, 0, 2, 2), Box("dead cell", 5, 5, 6, 6), Box("wall", 7, 0, 10, 2)]),
                    new AnnotatedImage("b.png", 8, 10, []),
                ]),
            path);
        return path;
    }
}
