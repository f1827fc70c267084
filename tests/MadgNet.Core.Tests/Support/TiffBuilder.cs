using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Support;

/// <summary>Writes TIFF files of several pages, which the library only reads.</summary>
internal static class TiffBuilder
{
    public static byte[] Pages(PixelImage[] pages, Compression compression = Compression.NONE, bool signed = false)
    {
        using var stream = new MemoryStream();
        using (Tiff tiff = Tiff.ClientOpen("memory", "w", stream, new TiffStream()))
        {
            foreach (PixelImage page in pages)
            {
                tiff.SetField(TiffTag.IMAGEWIDTH, page.Width);
                tiff.SetField(TiffTag.IMAGELENGTH, page.Height);
                tiff.SetField(TiffTag.BITSPERSAMPLE, page.BitDepth);
                tiff.SetField(TiffTag.SAMPLESPERPIXEL, page.Channels);
                tiff.SetField(TiffTag.PHOTOMETRIC, page.Channels == 1 ? Photometric.MINISBLACK : Photometric.RGB);
                tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
                tiff.SetField(TiffTag.ROWSPERSTRIP, 4);
                tiff.SetField(TiffTag.COMPRESSION, compression);
                if (signed)
                {
                    tiff.SetField(TiffTag.SAMPLEFORMAT, SampleFormat.INT);
                }

                int length = page.Width * page.Channels * page.BitDepth / 8;
                var row = new byte[length];
                for (int y = 0; y < page.Height; y++)
                {
                    if (page.BitDepth == 8)
                    {
                        page.Bytes.Slice(y * length, length).CopyTo(row);
                    }
                    else
                    {
                        Buffer.BlockCopy(page.Words.ToArray(), y * length, row, 0, length);
                    }

                    tiff.WriteScanline(row, y);
                }

                tiff.WriteDirectory();
            }
        }

        return stream.ToArray();
    }
}
