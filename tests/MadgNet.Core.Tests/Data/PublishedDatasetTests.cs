using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

/// <summary>Small trees in every layout; the names come from the published splits themselves.</summary>
public sealed class PublishedDatasetTests
{
    /// <summary>Counts of lines of the published split files.</summary>
    [Theory]
    [InlineData("BUSI", 485, 65, 162)]
    [InlineData("STU", 0, 0, 42)]
    [InlineData("ISIC2018", 2077, 257, 260)]
    [InlineData("PH2", 0, 0, 200)]
    [InlineData("COVID19_1", 894, 0, 383)]
    [InlineData("COVID19_2", 0, 0, 2534)]
    [InlineData("DSB2018", 536, 67, 67)]
    [InlineData("MonuSeg2018", 0, 0, 82)]
    [InlineData("Kvasir", 900, 0, 100)]
    [InlineData("CVC-ClinicDB", 550, 0, 62)]
    [InlineData("CVC-300", 0, 0, 60)]
    [InlineData("CVC-ColonDB", 0, 0, 380)]
    [InlineData("ETIS-LaribPolypDB", 0, 0, 196)]
    [InlineData("REFUGE", 0, 0, 0)]
    [InlineData("DRISHTI-GS", 0, 0, 0)]
    public void Published_split_is_built_in(string name, int train, int validation, int test)
    {
        PublishedDataset set = Set(name);
        Assert.Equal(
            (train, validation, test),
            (set.PublishedNames("train").Count, set.PublishedNames("validation").Count, set.PublishedNames("test").Count));
        Assert.Empty(set.PublishedNames("train").Intersect(set.PublishedNames("validation").Concat(set.PublishedNames("test"))));
    }

    /// <summary>Image and mask patterns per set: {0} is the name of the published split, {1} its first word, {2} its number.</summary>
    [Theory]
    [InlineData("BUSI", "test", "{1}/image/{0}.png", "{1}/mask/{0}_mask.png")]
    [InlineData("BUSI", "test", "Dataset_BUSI_with_GT/{1}/{0}.png", "Dataset_BUSI_with_GT/{1}/{0}_mask.png")]
    [InlineData("STU", "test", "image/{0}.png", "mask/mask_{2}.png")]
    [InlineData(
        "ISIC2018", "validation", "ISIC2018_Task1-2_Training_Input/{0}.png", "ISIC2018_Task1_Training_GroundTruth/{0}_segmentation.png")]
    [InlineData("PH2", "test", "images/{0}.png", "masks/{0}_lesion.png")]
    [InlineData("PH2", "test", "PH2 Dataset images/{0}/{0}_Dermoscopic_Image/{0}.png", "PH2 Dataset images/{0}/{0}_lesion/{0}_lesion.png")]
    [InlineData("COVID19_1", "train", "train/images/{0}.png", "train/masks/{0}.png")]
    [InlineData("COVID19_1", "test", "test/images/{0}.png", "test/masks/{0}.png")]
    [InlineData("COVID19_2", "test", "images/{0}.png", "masks/{0}.png")]
    [InlineData("DSB2018", "validation", "stage1_train/{0}/images/{0}.png", "stage1_train/{0}/masks/nucleus1.png")]
    [InlineData("MonuSeg2018", "test", "images/{0}.png", "masks/{0}.png")]
    [InlineData("Kvasir", "train", "TrainDataset/images/{0}.png", "TrainDataset/masks/{0}.png")]
    [InlineData("Kvasir", "test", "TestDataset/TestDataset/Kvasir/images/{0}.png", "TestDataset/TestDataset/Kvasir/masks/{0}.png")]
    [InlineData("Kvasir", "test", "Kvasir-SEG/images/{0}.png", "Kvasir-SEG/masks/{0}.png")]
    [InlineData("CVC-ClinicDB", "train", "TrainDataset/images/{0}.png", "TrainDataset/masks/{0}.png")]
    [InlineData("CVC-ClinicDB", "test", "Original/{0}.png", "Ground Truth/{0}.png")]
    [InlineData("CVC-300", "test", "TestDataset/CVC-300/images/{0}.png", "TestDataset/CVC-300/masks/{0}.png")]
    [InlineData("CVC-ColonDB", "test", "images/{0}.png", "masks/{0}.png")]
    [InlineData("ETIS-LaribPolypDB", "test", "ETIS-LaribPolypDB/{0}.png", "Ground Truth/p{0}.png")]
    public void Layout_is_read_in_the_published_order(string name, string part, string image, string mask)
    {
        PublishedDataset set = Set(name);
        using var folder = new TemporaryFolder();
        string[] names = [.. set.PublishedNames(part).Take(3)];
        foreach (string sample in names.Reverse())
        {
            Pair(folder, Fill(image, sample), Fill(mask, sample));
        }

        FolderDataset dataset = set.Open(folder.Root, part, set.Options with { Unpaired = UnpairedFiles.LeaveOut });
        Assert.Equal(names, dataset.Names());
        Assert.Equal(set.Options.Channels == ImageChannels.Gray ? 1 : 3, dataset.Load(0).Image.Channels);
        Assert.Equal(Fill(mask, names[0]).Split('/')[^1], Path.GetFileName(dataset.FilesOf(0).Masks[0]));
    }

    [Fact]
    public void Incomplete_copy_is_refused_with_the_missing_names()
    {
        using var folder = new TemporaryFolder();
        string first = PublishedDataset.CvcClinicDB.PublishedNames("test")[0];
        Pair(folder, $"images/{first}.png", $"masks/{first}.png");
        var error = Assert.Throws<DatasetException>(() => PublishedDataset.CvcClinicDB.Open(folder.Root, "test"));
        Assert.Equal(61, error.Problems.Count);
    }

    [Fact]
    public void Masks_of_single_nuclei_are_united_and_a_bright_ground_is_inverted()
    {
        using var folder = new TemporaryFolder();
        string name = PublishedDataset.Dsb2018.PublishedNames("test")[0];
        ImageWriter.Write(
            Samples.Pixels(8, 8, 3, (x, _, _) => x < 2 ? (byte)40 : (byte)230), folder.File($"stage1_train/{name}/images/{name}.png"));
        ImageWriter.Write(
            Samples.Pixels(8, 8, 1, (x, y, _) => x == 0 && y < 4 ? (byte)255 : (byte)0), folder.File($"stage1_train/{name}/masks/one.png"));
        ImageWriter.Write(
            Samples.Pixels(8, 8, 1, (x, y, _) => x == 1 && y < 4 ? (byte)255 : (byte)0), folder.File($"stage1_train/{name}/masks/two.png"));
        Sample sample = PublishedDataset.Dsb2018.Open(
            folder.Root, "test", PublishedDataset.Dsb2018.Options with { Unpaired = UnpairedFiles.LeaveOut })
            .Load(0);
        Assert.Equal(8, sample.Masks[0].Data.ToArray().Sum());
        Assert.Equal(215f / 255, sample.Image[0, 0, 0]);
        Assert.Equal(25f / 255, sample.Image[0, 0, 7]);
    }

    [Theory]
    [InlineData("train/Images/g0001.png", "train/gts/g0001.png")]
    [InlineData("Training400/Glaucoma/g0001.png", "Annotation-Training400/Disc_Cup_Masks/Glaucoma/g0001.png")]
    public void Refuge_is_read_in_the_layouts_of_its_owners(string image, string mask)
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(3, 1), folder.File(image));
        ImageWriter.Write(new PixelImage(3, 1, 1, [0, 128, 255]), folder.File(mask));
        FolderDataset dataset = PublishedDataset.Refuge.Open(folder.Root, "train");
        Assert.Equal(["g0001"], dataset.Names());
        Assert.Equal([1f, 1f, 0f], dataset.Load(0).Masks[1].Data.ToArray());
    }

    [Fact]
    public void Drishti_is_read_in_the_layout_of_its_owners()
    {
        using var folder = new TemporaryFolder();
        const string Root = "Drishti-GS1_files/Training";
        ImageWriter.Write(Samples.Disc(3, 1), folder.File($"{Root}/Images/GLAUCOMA/drishtiGS_002.png"));
        ImageWriter.Write(
            new PixelImage(3, 1, 1, [0, 64, 255]), folder.File($"{Root}/GT/drishtiGS_002/SoftMap/drishtiGS_002_cupsegSoftmap.png"));
        ImageWriter.Write(
            new PixelImage(3, 1, 1, [0, 191, 255]), folder.File($"{Root}/GT/drishtiGS_002/SoftMap/drishtiGS_002_ODsegSoftmap.png"));
        Sample sample = PublishedDataset.DrishtiGS.Open(folder.Root, "train").Load(0);
        Assert.Equal([0f, 0f, 1f], sample.BinaryMask(0).Data.ToArray());
        Assert.Equal([0f, 1f, 1f], sample.BinaryMask(1).Data.ToArray());
    }

    [Fact]
    public void Part_that_a_set_does_not_have_is_refused() =>
        Assert.Throws<DatasetException>(() => PublishedDataset.Stu.Open(Path.GetTempPath(), "train"));

    private static PublishedDataset Set(string name) => PublishedDataset.All.Single(set => set.Name == name);

    private static string Fill(string pattern, string name) =>
        string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, name, name.Split(' ')[0], name.Split('_')[^1]);

    private static void Pair(TemporaryFolder folder, string image, string mask)
    {
        ImageWriter.Write(Samples.Disc(8, 6), folder.File(image));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File(mask));
    }
}
