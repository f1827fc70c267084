using SkiaSharp;

namespace MadgNet.Core.Imaging;

/// <summary>Decodes JPEG, BMP, GIF and WebP: SkiaSharp gives the pixels that PIL gives for them.</summary>
internal static class SkiaDecoder
{
    /// <summary>Whether content begins as one of the formats that are read here.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> content) =>
        content is [0xFF, 0xD8, 0xFF, ..] or [(byte)'B', (byte)'M', ..]
        || content.StartsWith("GIF8"u8)
        || content.StartsWith("RIFF"u8);

    public static PixelImage Decode(byte[] content, string name, ImageReadOptions options)
    {
        using SKData data = SKData.CreateCopy(content);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null)
        {
            throw new ImageReadException(
                name, "content of an unknown format or with a damaged header", "a PNG, JPEG, BMP, GIF, WebP or TIFF file",
                "Convert the file, or add a reader of its format to ImageReader");
        }

        SKImageInfo info = codec.Info;
        ImageReader.CheckSize(name, info.Width, info.Height, options);
        bool gray = info.ColorType == SKColorType.Gray8;
        int stored = gray ? 1 : 4;
        long length = (long)info.Width * info.Height * stored;
        if (length > Array.MaxLength)
        {
            throw new ImageReadException(
                name, $"{info.Width}×{info.Height} pixels", $"at most {Array.MaxLength / stored} pixels", "Divide the image into tiles");
        }

        byte[] pixels = GC.AllocateUninitializedArray<byte>((int)length);
        var target = new SKImageInfo(
            info.Width,
            info.Height,
            gray ? SKColorType.Gray8 : SKColorType.Rgba8888,
            info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        SKCodecResult result;
        unsafe
        {
            fixed (byte* first = pixels)
            {
                result = codec.GetPixels(target, (nint)first);
            }
        }

        if (result != SKCodecResult.Success)
        {
            throw ImageReader.Damaged(name, result == SKCodecResult.IncompleteInput
                ? $"a {codec.EncodedFormat} file that ends early, after {content.Length} bytes"
                : $"a {codec.EncodedFormat} file that cannot be decoded ({result})");
        }

        int channels = gray ? 1 : info.IsOpaque ? 3 : 4;
        if (channels == 3)
        {
            for (int i = 0, j = 0; j < pixels.Length; i += 3, j += 4)
            {
                pixels[i] = pixels[j];
                pixels[i + 1] = pixels[j + 1];
                pixels[i + 2] = pixels[j + 2];
            }

            Array.Resize(ref pixels, (int)(length / 4 * 3));
        }

        var image = new PixelImage(info.Width, info.Height, channels, pixels);
        return Orientation.Apply(image, (int)codec.EncodedOrigin).OfFile(codec.FrameCount);
    }
}
