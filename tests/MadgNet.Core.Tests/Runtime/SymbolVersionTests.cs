using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class SymbolVersionTests
{
    [Fact]
    public void The_newest_version_is_compared_by_number_and_not_by_text()
    {
        byte[] strings = "x\0GLIBCXX_3.4.9\0GLIBCXX_3.4.32\0GLIBCXX_3.4\0GLIBCXX_3.4.30\0"u8.ToArray();

        Assert.Equal(new Version(3, 4, 32), SymbolVersion.Newest(strings));
    }

    [Fact]
    public void Names_without_a_version_do_not_count()
    {
        Assert.Null(SymbolVersion.Newest("GLIBCXX_DEBUG_MESSAGE_LENGTH\0GLIBCXX_\0CXXABI_1.3.14\0"u8));
    }

    [Fact]
    public void A_version_at_the_very_end_counts()
    {
        Assert.Equal(new Version(3, 4, 21), SymbolVersion.Newest("GLIBCXX_3.4.21"u8));
    }
}
