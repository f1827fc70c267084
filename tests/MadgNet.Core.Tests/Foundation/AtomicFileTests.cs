using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Foundation;

public sealed class AtomicFileTests
{
    [Fact]
    public void A_failure_halfway_leaves_the_old_file_and_no_other()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "old"u8);
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(folder.File("file"), 100, stream =>
        {
            stream.Write(new byte[50]);
            throw new InvalidDataException();
        }));
        Assert.Equal(["file"], folder.Files);
        Assert.Equal("old", File.ReadAllText(folder.File("file")));
    }

    [Fact]
    public void The_old_file_is_there_until_the_new_one_is_complete()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "old"u8);
        AtomicFile.Write(folder.File("file"), 3, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(folder.File("file")));
        });
        Assert.Equal("new", File.ReadAllText(folder.File("file")));
        Assert.Equal(["file"], folder.Files);
    }

    [Fact]
    public void A_length_that_was_guessed_too_large_does_not_show_in_the_file()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.Write(folder.File("file"), 1000, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(folder.File("file")));
    }

    [Fact]
    public void What_is_disposed_of_before_it_is_complete_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        using (var file = new AtomicFile(folder.File("file"), 100))
        {
            file.Stream.Write("new"u8);
        }

        Assert.Empty(folder.Files);
    }

    [Fact]
    public void What_was_written_can_be_gone_back_to_before_it_is_complete()
    {
        using var folder = new TemporaryFolder();
        using var file = new AtomicFile(folder.File("file"));
        file.Stream.Write("new"u8);
        file.Stream.Position = 0;
        Assert.Equal('n', file.Stream.ReadByte());
        file.Complete();
        Assert.Equal("new", File.ReadAllText(file.Path));
        Assert.Throws<ObjectDisposedException>(file.Complete);
    }

    [Fact]
    public void Temporary_files_of_the_dead_are_removed_and_those_of_the_living_stay()
    {
        using var folder = new TemporaryFolder();
        folder.Write($".{new string('a', 32)}.tmp", "half"u8);
        folder.Write(".mine.tmp", "whole"u8);
        using (var living = new AtomicFile(folder.File("file")))
        {
            living.Stream.Write("new"u8);
            AtomicFile.RemoveAbandoned(folder.Root);
            Assert.Equal(2, folder.Files.Count);
            living.Complete();
        }

        Assert.Equal([".mine.tmp", "file"], folder.Files);
        AtomicFile.RemoveAbandoned(folder.File("missing/x"));
    }

    [Fact]
    public void A_name_that_cannot_be_had_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("taken"));
        using var file = new AtomicFile(folder.File("taken"));
        Assert.ThrowsAny<Exception>(file.Complete);
        Assert.Empty(Directory.GetFiles(folder.Root));
    }
}
