using System.Text;

namespace MadgNet.Core.Runtime;

/// <summary>Finds versions of the C++ standard library's symbols (<c>GLIBCXX_3.4.32</c>) in a library's string table.</summary>
internal static class SymbolVersion
{
    /// <summary>
    /// The newest version that the bytes of a library name: what libstdc++ offers, or what another library asks of it.
    /// </summary>
    /// <returns>The version, or null where none is named.</returns>
    public static Version? Newest(ReadOnlySpan<byte> library)
    {
        ReadOnlySpan<byte> prefix = "GLIBCXX_"u8;
        Version? newest = null;
        for (int at = library.IndexOf(prefix); at >= 0; at = library.IndexOf(prefix))
        {
            library = library[(at + prefix.Length)..];
            int end = library.IndexOfAnyExcept(".0123456789"u8);
            ReadOnlySpan<byte> digits = end < 0 ? library : library[..end];
            if (Version.TryParse(Encoding.ASCII.GetString(digits), out Version? version)
                && (newest is null || version > newest))
            {
                newest = version;
            }
        }

        return newest;
    }
}
