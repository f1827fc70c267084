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

    [Theory]
    [InlineData("pictures", "segmented")]
    [InlineData("masks", "images")]
    [InlineData("all", "all/drawn")]
    [InlineData("all/photographs", "all")]
    public void Two_folders_are_paired_whatever_they_are_called(string images, string masks)
    {
        using var folder = new TemporaryFolder();
        foreach (string stem in new[] { "a", "ward/b" })
        {
            ImageWriter.Write(Samples.Pixels(8, 6, 3, (x, y, c) => (byte)(x + y + c)), folder.File(Path.Combine(images, stem + ".png")));
            ImageWriter.Write(Samples.Disc(8, 6), folder.File(Path.Combine(masks, stem + "_mask.png")));
        }

        FolderDataset dataset = FolderDataset.FromFolders(folder.File(images), folder.File(masks));
        Assert.Equal(["a", "b"], [dataset.NameOf(0), dataset.NameOf(1)]);
        Assert.Equal(folder.File(Path.Combine(masks, "ward/b_mask.png")), Assert.Single(dataset.FilesOf(1).Masks));
        Assert.Equal(Samples.Disc(8, 6).ToFloat().Data.ToArray(), dataset.Load(1).Masks[0].Data.ToArray());
    }

    [Fact]
    public void One_folder_may_be_both()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("a.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("a_mask.png"));
        Assert.Equal(1, FolderDataset.FromFolders(folder.Root, folder.Root + Path.DirectorySeparatorChar).Count);
    }

    [Fact]
    public void Of_two_folders_files_without_a_partner_are_refused_and_a_missing_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("in/a.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("in/b.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("out/b.png"));
        var error = Assert.Throws<DatasetException>(() => FolderDataset.FromFolders(folder.File("in"), folder.File("out")));
        Assert.Equal(folder.File("in/a.png"), Assert.Single(error.Problems).Subject);
        error = Assert.Throws<DatasetException>(() => FolderDataset.FromFolders(folder.File("in"), folder.File("nowhere")));
        Assert.Equal(folder.File("nowhere"), Assert.Single(error.Problems).Subject);
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

    [Fact]
    public void Several_masks_of_an_image_are_united()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "benign/benign (1).png", Samples.Disc(6, 4));
        Write(folder, "benign/benign (1)_mask.png", Half(6, 4, left: true));
        Write(folder, "benign/benign (1)_mask_1.png", Half(6, 4, left: false));
        Assert.All(new FolderDataset(folder.Root).Load(0).Masks[0].Data.ToArray(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Several_masks_of_an_image_can_be_a_label_each()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "a.png", Samples.Disc(6, 4));
        Write(folder, "a_cup.png", Half(6, 4, left: true));
        Write(folder, "a_disc.png", Half(6, 4, left: false));
        var dataset = new FolderDataset(
            folder.Root,
            new FolderDatasetOptions { Labels = [LabelSource.MaskFiles("cup", "_cup"), LabelSource.MaskFiles("disc", "_disc")] });
        Sample sample = dataset.Load(0);
        Assert.Equal(["cup", "disc"], dataset.Labels);
        Assert.Equal(Half(6, 4, left: true).ToFloat().Data.ToArray(), sample.Masks[0].Data.ToArray());
        Assert.Equal(Half(6, 4, left: false).ToFloat().Data.ToArray(), sample.Masks[1].Data.ToArray());
    }

    [Fact]
    public void Values_of_a_label_image_become_labels_that_may_overlap()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(3, 1));
        Write(folder, "masks/a.png", new PixelImage(3, 1, 1, [0, 128, 255]));
        Sample sample = new FolderDataset(folder.Root, PublishedDataset.Refuge.Options).Load(0);
        Assert.Equal([1f, 0f, 0f], sample.Masks[0].Data.ToArray());
        Assert.Equal([1f, 1f, 0f], sample.Masks[1].Data.ToArray());
    }

    [Fact]
    public void Palette_of_a_label_image_is_read_as_indices()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(3, 1));
        ImageWriter.WritePalette(new PixelImage(3, 1, 1, [0, 1, 2]), [(0, 0, 0), (9, 9, 9), (200, 0, 0)], folder.File("masks/a.png"));
        var options = new FolderDatasetOptions { Labels = [LabelSource.Indices("one", 1), LabelSource.Indices("two", 2)] };
        Sample sample = new FolderDataset(folder.Root, options).Load(0);
        Assert.Equal([0f, 1f, 0f], sample.Masks[0].Data.ToArray());
        Assert.Equal([0f, 0f, 1f], sample.Masks[1].Data.ToArray());
    }

    [Fact]
    public void Colours_of_a_label_image_become_labels()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(3, 1));
        Write(folder, "masks/a.png", new PixelImage(3, 1, 3, [0, 0, 0, 255, 0, 0, 0, 128, 255]));
        var options = new FolderDatasetOptions
        {
            Labels = [LabelSource.Colors("red", 0xFF0000), LabelSource.Colors("both", 0xFF0000, 0x0080FF)]
        };
        Sample sample = new FolderDataset(folder.Root, options).Load(0);
        Assert.Equal([0f, 1f, 0f], sample.Masks[0].Data.ToArray());
        Assert.Equal([0f, 1f, 1f], sample.Masks[1].Data.ToArray());
    }

    [Fact]
    public void Undeclared_value_of_a_label_image_is_refused_with_the_file_and_the_value()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(3, 1));
        Write(folder, "masks/a.png", new PixelImage(3, 1, 1, [0, 1, 7]));
        var dataset = new FolderDataset(folder.Root, new FolderDatasetOptions { Labels = [LabelSource.Indices("one", 1)] });
        var error = Assert.Throws<DatasetException>(() => dataset.Load(0));
        Assert.Equal(folder.File("masks/a.png"), error.Problems[0].Subject);
        Assert.Contains("undeclared values 7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Smeared_label_image_is_repaired_within_the_declared_tolerance()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(3, 1));
        Write(folder, "masks/a.png", new PixelImage(3, 1, 1, [3, 124, 251]));
        Sample sample = new FolderDataset(folder.Root, PublishedDataset.Refuge.Options with { LabelTolerance = 6 }).Load(0);
        Assert.Equal([1f, 1f, 0f], sample.Masks[1].Data.ToArray());
    }

    [Fact]
    public void Soft_edges_stay_soft()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(3, 1));
        Write(folder, "masks/a.png", new PixelImage(3, 1, 1, [0, 127, 255]));
        Sample sample = new FolderDataset(folder.Root).Load(0);
        Assert.Equal([0f, 127f / 255, 1f], sample.Masks[0].Data.ToArray());
        Assert.Equal([0f, 0f, 1f], sample.BinaryMask(0).Data.ToArray());
    }

    [Fact]
    public void Mask_of_another_size_is_brought_to_its_image()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(32, 24));
        Write(folder, "masks/a.png", Half(64, 48, left: true));
        FloatImage mask = new FolderDataset(folder.Root).Load(0).BinaryMask(0);
        Assert.Equal(Half(32, 24, left: true).ToFloat().Data.ToArray(), mask.Data.ToArray());
    }

    [Fact]
    public void Mask_of_another_shape_is_refused_with_its_file()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", Samples.Disc(32, 24));
        Write(folder, "masks/a.png", Samples.Disc(24, 32));
        var error = Assert.Throws<DatasetException>(() => new FolderDataset(folder.Root).Load(0));
        Assert.Contains("EXIF", error.Message, StringComparison.Ordinal);
        Assert.Equal(folder.File("masks/a.png"), error.Problems[0].Subject);
    }

    [Fact]
    public void Equal_names_in_two_folders_are_told_apart_by_the_folder()
    {
        using var folder = new TemporaryFolder();
        foreach (string part in new[] { "train", "test" })
        {
            Write(folder, $"{part}/images/1.png", Samples.Disc(5, 5));
            Write(folder, $"{part}/masks/1.png", Samples.Disc(5, 5));
        }

        Assert.Equal(["test/1", "train/1"], new FolderDataset(folder.Root).Names());
    }

    [Fact]
    public void Truth_of_a_vessel_set_is_the_manual_one_and_not_the_field_of_view()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "training/images/21_training.png", Samples.Disc(6, 4));
        Write(folder, "training/1st_manual/21_manual1.png", Half(6, 4, left: true));
        Write(folder, "training/mask/21_training_mask.png", Samples.Pixels(6, 4, 1, (_, _, _) => 255));
        var dataset = new FolderDataset(folder.Root);
        Assert.Equal(["21_training"], dataset.Names());
        Assert.Equal(Half(6, 4, left: true).ToFloat().Data.ToArray(), dataset.Load(0).Masks[0].Data.ToArray());
    }

    [Fact]
    public void Sixteen_bit_image_keeps_its_dim_values()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "images/a.png", new PixelImage(2, 1, 1, new ushort[] { 300, 301 }));
        Write(folder, "masks/a.png", Samples.Disc(2, 1));
        FloatImage image = new FolderDataset(folder.Root, new FolderDatasetOptions { Channels = ImageChannels.Gray }).Load(0).Image;
        Assert.Equal([300f / 65535, 301f / 65535], image.Data.ToArray());
    }

    [Fact]
    public void Table_names_the_pairs()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "pictures/left eye.png", Samples.Disc(6, 4));
        Write(folder, "truth/x.png", Half(6, 4, left: true));
        Write(folder, "truth/y.png", Half(6, 4, left: false));
        File.WriteAllText(folder.File("pairs.csv"), "name;image;mask\n\"case; one\";pictures\\left eye.png;truth/x.png | truth/y.png\n");
        FolderDataset dataset = FolderDataset.FromTable(folder.File("pairs.csv"));
        Assert.Equal(["case; one"], dataset.Names());
        Assert.All(dataset.Load(0).Masks[0].Data.ToArray(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Table_that_names_missing_files_is_refused_with_all_of_them()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("pairs.csv"), "image,mask\na.png,b.png\nc.png,d.png\n");
        var error = Assert.Throws<DatasetException>(() => FolderDataset.FromTable(folder.File("pairs.csv")));
        Assert.Equal([folder.File("a.png"), folder.File("c.png")], error.Problems.Take(2).Select(problem => problem.Subject));
    }

    [Fact]
    public void Table_with_a_null_character_in_a_path_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("pairs.csv"), "image,mask\na.png,b\0.png\n");
        Assert.Contains("line 2", Assert.Throws<DatasetException>(() => FolderDataset.FromTable(folder.File("pairs.csv"))).Message);
    }

    [Fact]
    public void Folder_that_does_not_exist_is_refused() => Assert.Throws<DatasetException>(() => new FolderDataset("no/such/folder"));

    [Fact]
    public void Folder_without_pairs_is_refused_with_what_was_found()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "a.png", Samples.Disc(5, 5));
        var error = Assert.Throws<DatasetException>(() => new FolderDataset(
            folder.Root, new FolderDatasetOptions { Unpaired = UnpairedFiles.LeaveOut }));
        Assert.Contains("images/ and masks/", error.Message, StringComparison.Ordinal);
    }

    private static void Write(TemporaryFolder folder, string path, PixelImage image) => ImageWriter.Write(image, folder.File(path));

    private static PixelImage Half(int width, int height, bool left) =>
        Samples.Pixels(width, height, 1, (x, _, _) => x < width / 2 == left ? (byte)255 : (byte)0);
}
