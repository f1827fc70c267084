using MadgNet.Core.Annotations;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Tests.Foundation;

public sealed class FolderFilesTests
{
    [Fact]
    public void A_folder_that_links_to_itself_gives_each_file_once()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b/one.png", "1"u8);
        folder.Write("a/two.png", "2"u8);
        folder.Write("three.png", "3"u8);
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "a", "self"), folder.Root);
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "0-b"), Path.Combine(folder.Root, "b"));
        var found = FolderFiles.Find(folder.Root, recursive: true, [".PNG"]);
        Assert.Equal(
            ["a/two.png", "b/one.png", "three.png"],
            found.Paths.Select(path => Path.GetRelativePath(folder.Root, path).Replace('\\', '/')));
        Assert.Empty(found.Problems);
        Assert.Single(FolderFiles.Find(folder.Root, recursive: false, [".png"]).Paths);
    }

    [Fact]
    public void A_link_to_a_folder_elsewhere_is_followed_and_hidden_files_are_left_out()
    {
        using var folder = new TemporaryFolder();
        folder.Write("data/one.png", "1"u8);
        folder.Write("data/.hidden.png", "1"u8);
        Directory.CreateDirectory(Path.Combine(folder.Root, "set"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "set", "linked"), Path.Combine(folder.Root, "data"));
        Assert.Equal("one.png", Path.GetFileName(Assert.Single(FolderFiles.Find(Path.Combine(folder.Root, "set"), true).Paths)));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_problem()
    {
        using var folder = new TemporaryFolder();
        var found = FolderFiles.Find(Path.Combine(folder.Root, "missing"), recursive: true);
        Assert.Empty(found.Paths);
        Assert.Contains("no such folder", Assert.Single(found.Problems).Received, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_may_not_be_read_is_a_problem()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("permissions are set otherwise there");
            return;
        }

        // What runs first on another user's thread has to be loaded already.
        Look(Path.GetTempPath());
        using var folder = new TemporaryFolder();
        folder.Write("closed/one.png", "1"u8);
        folder.Write("two.png", "2"u8);
        string closed = Path.Combine(folder.Root, "closed");
        const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(folder.Root, ForAll);
        File.SetUnixFileMode(closed, UnixFileMode.None);
        try
        {
            (FolderFiles found, Exception? refused) = OtherUser.Run(() => Look(folder.Root));
            Assert.Single(found.Paths);
            Assert.Equal(closed, Assert.Single(found.Problems).Subject);
            Assert.Contains("closed", Assert.IsType<DatasetException>(refused).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void What_has_no_end_is_refused_by_every_reader_and_nobody_waits()
    {
        using var folder = new TemporaryFolder();
        HardLink.Pipe(folder.File("pipe.png"));
        File.CreateSymbolicLink(folder.File("zero.png"), "/dev/zero");
        foreach (string path in new[] { folder.File("pipe.png"), folder.File("zero.png") })
        {
            Assert.Throws<ImageReadException>(() => new ImageReader().Read(path));
            Assert.Throws<ImageReadException>(() => NpyFile.Read(path));
            Assert.Throws<ImageReadException>(() => TiffImageSource.Open(path));
            Assert.Throws<WeightFileException>(() => WeightArchive.Open(path));
            Assert.Throws<DatasetException>(() => DatasetSplit.Load(path));
            Assert.Throws<DatasetException>(() => DatasetSplit.FromLists(("train", path)));
            Assert.Throws<EvaluationException>(() => EvaluationReport.LoadJson(path));
            Assert.Throws<EvaluationException>(() => EvaluationShard.LoadJson(path));
            Assert.Throws<EvaluationException>(() => ThresholdSelection.LoadJson(path));
            Assert.Throws<AnnotationException>(() => AnnotationFile.Read(path));
            Assert.Throws<InvalidOptionsException>(() => Recipe.Load(path));
            Assert.Throws<TrainingException>(() => RunManifest.Load(path));
        }
    }

    private static (FolderFiles Found, Exception? Refused) Look(string folder) => (
        FolderFiles.Find(folder, recursive: true),
        Record.Exception(() => new FolderDataset(folder)));
}
