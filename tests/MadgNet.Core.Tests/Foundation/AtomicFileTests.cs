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
}
