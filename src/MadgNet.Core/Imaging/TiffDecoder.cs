namespace MadgNet.Core.Imaging;

/// <summary>
/// Decodes one page of a TIFF that is in memory: 1 to 16 bit, 32 bit and real numbers, grey, RGB, with alpha, palette, CMYK, YCbCr,
/// in strips or tiles, of every compression that LibTiff knows.
/// </summary>
internal static class TiffDecoder
{
    public static bool Recognizes(ReadOnlySpan<byte> content) =>
        content.StartsWith("II*\0"u8) || content.StartsWith("MM\0*"u8) || content.StartsWith("II+\0"u8) || content.StartsWith("MM\0+"u8);

    public static PixelImage Decode(byte[] content, string name, ImageReadOptions options)
    {
        using TiffPage page = TiffPage.Open(new TiffMemory(content), name, options.Page, options);
        return page.Read(0, 0, page.Width, page.Height, options.PaletteIndices).OfFile(page.Pages);
    }
}
