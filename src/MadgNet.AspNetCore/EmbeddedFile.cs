namespace MadgNet.AspNetCore;

/// <summary>The files inside of this assembly.</summary>
internal static class EmbeddedFile
{
    public static byte[] Read(string name)
    {
        using Stream stream = typeof(EmbeddedFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its own file '{name}'. Build it again.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
