using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

public sealed class FolderDatasetTests
{
    [Theory]
    [InlineData("images", "masks", "")]
    [InlineData("image", "mask", "")]
    [InlineData("Original", "Ground Truth", "")]
    [InlineData("imgs", "labels", "")]
    [InlineData("", "", "_mask")]
    [InlineData("", "", "_segmentation")]
    [InlineData("images", "masks", "_GT")]
    [InlineData("ISIC2018_Task1-2_Training_Input", "ISIC2018_Task1_Training_GroundTruth", "_segmentation")]
    public void Usual_layouts_are_paired(string images, string masks, string suffix)
    {
        using var folder = new TemporaryFolder();
        foreach (string stem in new[] { "a", "b (2)" })
        {
            ImageWriter.Write(Samples.Pixels(8, 6, 3, (x, y, c) => (byte)(x + y + c)), folder.File(Path.Combine(images, stem + ".png")));
            ImageWriter.Write(Samples.Disc(8, 6), folder.File(Path.Combine(masks, stem + suffix + ".png")));
        }

        var dataset = new FolderDataset(folder.Root);
        Assert.Equal(["a", "b (2)"], [dataset.NameOf(0), dataset.NameOf(1)]);
        Sample sample = dataset.Load(0);
        Assert.Equal((3, 6, 8), (sample.Image.Channels, sample.Image.Height, sample.Image.Width));
        Assert.Equal(Samples.Disc(8, 6).ToFloat().Data.ToArray(), sample.Masks[0].Data.ToArray());
    }

    [Fact]
    public void Folder_of_images_finds_its_sibling_masks()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("images/a.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("masks/a.png"));
        Assert.Equal(1, new FolderDataset(Path.Combine(folder.Root, "images")).Count);
    }

    [Fact]
    public void Files_without_a_partner_are_refused_all_at_once()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("images/a.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("images/b.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("masks/b.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("masks/c.png"));
        var error = Assert.Throws<DatasetException>(() => new FolderDataset(folder.Root));
        Assert.Equal([folder.File("images/a.png"), folder.File("masks/c.png")], error.Problems.Select(problem => problem.Subject).Order());
    }

    [Fact]
    public void Files_without_a_partner_can_be_left_out_and_listed()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("images/a.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("images/b.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("masks/b.png"));
        var dataset = new FolderDataset(folder.Root, new FolderDatasetOptions { Unpaired = UnpairedFiles.LeaveOut });
        Assert.Equal(1, dataset.Count);
        Assert.Equal(FindingKind.MissingMask, Assert.Single(dataset.Findings).Kind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(38)]
    [InlineData(255)]
    public void Binary_masks_of_any_encoding_are_recognised(byte foreground)
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(9, 9), folder.File("images/a.png"));
        ImageWriter.Write(Samples.Disc(9, 9, foreground), folder.File("masks/a.png"));
        Assert.Equal(Samples.Disc(9, 9).ToFloat().Data.ToArray(), new FolderDataset(folder.Root).Load(0).Masks[0].Data.ToArray());
    }

    [Fact]
    public void Nuclei_load_in_pairs()
    {
        var dataset = new FolderDataset(SharedFolder.Require("data/dsb2018"));
        Assert.Equal(100, dataset.Count);
        Sample sample = dataset.Load(0);
        Assert.Equal(3, sample.Image.Channels);
        Assert.Contains(1f, sample.Masks[0].Data.ToArray());
    }
}
