using System.Text;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

/// <summary>Layouts, tables and splits that users have reported as not found, misread or guessed.</summary>
public sealed class ReportedNamesTests
{
    [Theory]
    [InlineData("imagesTr/case_0_0000.png", "labelsTr/case_0.png")]
    [InlineData("imagesTr/liver_0.png", "labelsTr/liver_0.png")]
    [InlineData("JPEGImages/2007_0.png", "SegmentationClass/2007_0.png")]
    [InlineData("img_dir/train/c0.png", "ann_dir/train/c0.png")]
    [InlineData("train_images/0.png", "train_masks/0.png")]
    [InlineData("img_0.png", "img_0_masks.png")]
    [InlineData("img_0.png", "img_0_cp_masks.png")]
    [InlineData("images/img10.png", "masks/mask10.png")]
    [InlineData("images/frame_seg_0.png", "masks/frame_seg_0.png")]
    [InlineData("images/Me\u0301nie\u0300re.png", "masks/M\u00E9ni\u00E8re.png")]
    [InlineData("images/\u1112\u1161\u11AB.png", "masks/\uD55C.png")]
    public void Layouts_of_other_programs_are_found(string image, string mask)
    {
        using var folder = new TemporaryFolder();
        Pair(folder, image, mask);
        var found = new FolderDataset(folder.Root);
        Assert.Equal((folder.File(image), folder.File(mask)), (found.FilesOf(0).Image, Assert.Single(found.FilesOf(0).Masks)));
        if (Path.GetDirectoryName(image) != Path.GetDirectoryName(mask))
        {
            Assert.Equal(
                1, FolderDataset.FromFolders(Path.GetDirectoryName(folder.File(image))!, Path.GetDirectoryName(folder.File(mask))!).Count);
        }
    }

    [Fact]
    public void What_a_program_writes_beside_images_and_masks_is_left_out()
    {
        using var folder = new TemporaryFolder();
        Pair(folder, "img_0.png", "img_0_masks.png");
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("img_0_flows.tif.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File("img_0_flows.png"));
        File.Delete(folder.File("img_0_flows.tif.png"));
        Assert.Equal(1, new FolderDataset(folder.Root).Count);
    }

    [Fact]
    public void A_folder_of_images_decides_before_the_names_in_it()
    {
        using var folder = new TemporaryFolder();
        Pair(folder, "images/frame_seg_0.png", "masks/frame_seg_0.png");
        Assert.Equal(1, new FolderDataset(folder.File("images")).Count);
        Assert.Equal(1, new FolderDataset(folder.Root).Count);
    }

    [Theory]
    [InlineData("image,mask\rimages/a.png,masks/a.png\r")]
    [InlineData("image;mask\r\nimages\\a.png;masks\\a.png\r\n")]
    [InlineData("sep=;\nimage;mask\nimages/a.png;masks/a.png\n")]
    [InlineData("# made by a tool\nimage,mask\nimages/a.png,masks/a.png\n")]
    [InlineData("image,mask\nimages/a.png,masks/a.png,\n")]
    [InlineData(",Image, Mask \n0,images/a.png, masks/a.png\n")]
    public void Tables_of_other_programs_are_read(string table)
    {
        using var folder = new TemporaryFolder();
        Pair(folder, "images/a.png", "masks/a.png");
        foreach (byte[] bytes in (byte[][])[
            Encoding.UTF8.GetBytes(table), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(table)],
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(table)], Encoding.Unicode.GetBytes(table), Encoding.BigEndianUnicode.GetBytes(table)])
        {
            FolderDataset found = FolderDataset.FromTable(folder.Write("t.csv", bytes));
            Assert.Equal(("a", 1), (found.NameOf(0), found.Count));
        }
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_those_of_Windows()
    {
        using var folder = new TemporaryFolder();
        Pair(folder, "images/Übung €.png", "masks/Übung €.png");
        byte[] table = [.. "image,mask\nimages/"u8, 0xDC, .. "bung "u8, 0x80, .. ".png,masks/"u8, 0xDC, .. "bung "u8, 0x80, .. ".png\n"u8];
        Assert.Equal("Übung €", FolderDataset.FromTable(folder.Write("t.csv", table)).NameOf(0));
    }

    [Fact]
    public void Two_columns_of_masks_are_both_read_and_two_of_images_refused()
    {
        using var folder = new TemporaryFolder();
        Pair(folder, "images/a.png", "masks/a.png");
        Pair(folder, "images/b.png", "masks/b.png");
        FolderDataset found = FolderDataset.FromTable(
            folder.Write("t.csv", "image,mask,mask\nimages/a.png,masks/a.png,masks/b.png\n"u8));
        Assert.Equal([folder.File("masks/a.png"), folder.File("masks/b.png")], found.FilesOf(0).Masks);
        string twice = folder.Write("u.csv", "image,image,mask\nimages/a.png,images/b.png,masks/b.png\n"u8);
        Assert.Contains(
            "2 columns named 'image'",
            Assert.Throws<DatasetException>(() => FolderDataset.FromTable(twice)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_file_names_in_a_table_are_told_apart_by_their_folders()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["caseA/img0", "caseB/img0", "caseB/img1"])
        {
            Pair(folder, $"images/{name}.png", $"masks/{name}.png");
        }

        string rows = string.Concat(((string[])["caseA/img0", "caseB/img0", "caseB/img1"]).Select(name => $"images/{name}.png,masks/{name}.png\n"));
        FolderDataset table = FolderDataset.FromTable(folder.Write("t.csv", Encoding.UTF8.GetBytes("image,mask\n" + rows)));
        Assert.Equal(["caseA/img0", "caseB/img0", "img1"], table.Names());
        Assert.Equal(["caseA/img0", "caseB/img0", "img1"], new FolderDataset(folder.Root).Names());
        foreach (string split in (string[])[
            "part,name\ntrain,caseA/img0\ntest,caseB/img0\n", "part,name\ntrain,caseA\\img0.png\ntest,.\\caseB\\img0.png\n"])
        {
            DatasetSplit read = DatasetSplit.Load(folder.Write("s.csv", Encoding.UTF8.GetBytes(split)));
            Assert.Equal(["caseA/img0"], read.Of(table, "train").Names());
            Assert.Equal(["caseB/img0"], read.Of(table, "test").Names());
        }
    }

    [Theory]
    [InlineData("s0.png", "s0")]
    [InlineData("s0", "images/s0.PNG")]
    [InlineData("images\\s0", "s0")]
    [InlineData("./s0", "s0")]
    [InlineData("S0", "s0")]
    [InlineData("Me\u0301", "M\u00E9")]
    public void One_sample_in_two_parts_is_refused_however_it_is_spelled(string one, string other)
    {
        var dataset = new InMemoryDataset(
            [Samples.Create("s0"), Samples.Create("s1"), Samples.Create("M\u00E9")], ["x"]);
        DatasetException error = Assert.Throws<DatasetException>(() =>
            new DatasetSplit([("train", [one, "s1"]), ("test", [other])]).Of(dataset, "train"));
        Assert.Contains("'train'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'test'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_one_name_and_two_formats_are_two_samples()
    {
        var dataset = new InMemoryDataset([Samples.Create("a.png"), Samples.Create("a.jpg")], ["x"]);
        var split = new DatasetSplit([("train", ["a.png"]), ("test", ["a.jpg"])]);
        Assert.Equal(["a.jpg"], split.Of(dataset, "test").Names());
    }

    [Fact]
    public void Parts_that_differ_in_capitals_alone_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("s.csv", "part,name\nTrain,a\ntrain ,b\n"u8);
        Assert.Contains("capitals", Assert.Throws<DatasetException>(() => DatasetSplit.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_a_hundred_megabytes_is_refused_after_its_first()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s.csv");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(100_000_000);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DatasetException>(() => DatasetSplit.Load(path));
        Assert.Throws<DatasetException>(() => DatasetSplit.FromLists(("train", path)));
        Assert.Throws<DatasetException>(() => FolderDataset.FromTable(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    private static void Pair(TemporaryFolder folder, string image, string mask)
    {
        ImageWriter.Write(Samples.Pixels(8, 6, 3, (x, y, c) => (byte)(x + y + c)), folder.File(image));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File(mask));
    }
}
