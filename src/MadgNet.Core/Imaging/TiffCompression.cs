using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>The compressions of TIFF: which of them are read, and how much they can save.</summary>
internal static class TiffCompression
{
    /// <summary>Registered compressions that LibTiff does not read, by their number.</summary>
    private static readonly Dictionary<int, string> Others = new()
    {
        [9] = "JBIG (T.85)",
        [10] = "JBIG (T.43)",
        [32766] = "NeXT RLE",
        [32809] = "ThunderScan",
        [32895] = "IT8 CT",
        [32896] = "IT8 LW",
        [32897] = "IT8 MP",
        [32898] = "IT8 BL",
        [33003] = "JPEG 2000 (Aperio, YCbCr)",
        [33004] = "JPEG 2000 (Aperio)",
        [33005] = "JPEG 2000 (Aperio, RGB)",
        [34661] = "JBIG",
        [34676] = "SGI LogLuv RLE",
        [34677] = "SGI LogLuv 24",
        [34712] = "JPEG 2000",
        [34887] = "LERC",
        [34892] = "lossy JPEG of DNG",
        [34925] = "LZMA",
        [34926] = "Zstandard",
        [34927] = "WebP",
        [50000] = "Zstandard",
        [50001] = "WebP",
        [50002] = "JPEG XL",
        [52546] = "JPEG XL of DNG",
    };

    /// <summary>Refuses a compression that is not read, by its name.</summary>
    public static void Refuse(string name, Compression compression, Tiff tiff)
    {
        bool read = Enum.IsDefined(compression) && !Others.ContainsKey((int)compression) && tiff.IsCodecConfigured(compression);
        if (!read)
        {
            throw new ImageReadException(
                name,
                $"a TIFF with {Others.GetValueOrDefault((int)compression, $"{compression}")} compression (number {(int)compression})",
                "no compression, LZW, Deflate, PackBits, JPEG or CCITT fax",
                "The file is not damaged: convert it, for example with 'tiffcp -c lzw' or by saving it again without this compression");
        }
    }

    /// <summary>How many bytes one compressed byte can stand for; more than any file has where there is no bound.</summary>
    public static long LargestExpansion(Compression compression) => compression switch
    {
        Compression.NONE => 1,
        // Two bytes for a run of 128.
        Compression.PACKBITS => 64,
        // RFC 1951: 258 bytes for two bits.
        Compression.DEFLATE or Compression.ADOBE_DEFLATE => 1032,
        // A code of at most 12 bits for at most 4096 bytes; two bits for a block of 8×8 pixels of 6 blocks' colours.
        Compression.LZW or Compression.JPEG or Compression.OJPEG => 4096,
        _ => int.MaxValue,
    };

    /// <summary>What a compressed file of a few bytes is allowed anyway, so that the bound never refuses a tiny image.</summary>
    public static long Slack(Compression compression) => compression == Compression.NONE ? 0 : 1 << 16;
}
