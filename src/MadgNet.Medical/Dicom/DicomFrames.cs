namespace MadgNet.Medical.Dicom;

/// <summary>The frames of a DICOM object as they are stored: checked against the file, unpacked one by one.</summary>
internal sealed class DicomFrames
{
    private static readonly IDicomCodec[] BuiltIn = [new RunLengthCodec(), new JpegCodec()];

    private readonly DicomFile _file;
    private readonly DicomPixelFormat _format;
    private readonly DicomElement _pixels;
    private readonly DicomReadOptions _options;

    /// <exception cref="MedicalFileException">There are no pixels, fewer than the header says, or nobody unpacks them.</exception>
    public DicomFrames(DicomFile file, DicomPixelFormat format, DicomReadOptions options)
    {
        (_file, _format, _options) = (file, format, options);
        _pixels = Pixels(file);
        Check();
    }

    /// <summary>Whether somebody unpacks a syntax: a codec of the options or a built-in one.</summary>
    public static bool CanUnpack(TransferSyntax syntax, DicomReadOptions options) =>
        !syntax.IsEncapsulated || options.Codecs.Concat(BuiltIn).Any(codec => codec.Supports(syntax));

    private static DicomElement Pixels(DicomFile file)
    {
        if (file.Dataset.TryGet(Tags.PixelData, out DicomElement? pixels))
        {
            return pixels;
        }

        bool floats = file.Dataset.Contains(Tags.FloatPixels) || file.Dataset.Contains(Tags.DoublePixels);
        throw new MedicalFileException(
            MedicalFileFault.Unsupported,
            file.Name,
            floats ? "a parametric map with pixels as floating-point numbers" : "a DICOM object without pixels",
            "an image with whole numbers as pixels",
            floats ? "Convert the map to NIfTI" : "Choose an image or a segmentation");
    }

    private void Check()
    {
        // Bytes of a compressed frame, its numbers, and those of its colours.
        bool packed = _pixels.Fragments.Count > 0 || _file.TransferSyntax.IsEncapsulated;
        long memory = (packed ? _format.FrameBytes : 0) + (_format.FrameValues * sizeof(int) * (_format.IsPalette ? 4 : 1));
        if (memory > _options.MaximumBytes && memory > 2L * _pixels.Value.Length)
        {
            throw new MedicalFileException(
                MedicalFileFault.TooLarge,
                _file.Name,
                $"frames that take {memory} bytes of memory",
                $"at most {_options.MaximumBytes}",
                "Raise DicomReadOptions.MaximumBytes if the file can be trusted");
        }

        if (packed)
        {
            if (_pixels.Fragments.Count == 0)
            {
                throw MedicalFileException.Damaged(_file.Name, $"pixels that are not compressed, though the syntax is {_file.TransferSyntax}");
            }

            _ = Codec();
            return;
        }

        if (_format.IsSubsampled && (_format.BitsAllocated != 8 || _format.Columns % 2 == 1))
        {
            throw MedicalFileException.Damaged(
                _file.Name, $"{_format.Photometric} of {_format.BitsAllocated} bits and {_format.Columns} columns");
        }

        long expected = PixelUnpacking.Length(_format);
        if (_pixels.Value.Length < expected)
        {
            throw MedicalFileException.Damaged(
                _file.Name, $"{_pixels.Value.Length} bytes of pixels where {_format.Frames} frames of {_format.Columns}×{_format.Rows} take {expected}");
        }
    }

    public int[] Unpack(int frame, bool swapBytes)
    {
        if (_pixels.Fragments.Count == 0)
        {
            bool swap = swapBytes && _pixels is { IsBigEndian: true, Vr: DicomVr.OW } && _format.BitsAllocated == 8;
            return PixelUnpacking.Unpack(_pixels.Value.Span, _format, frame, _pixels.IsBigEndian, swap && _pixels.Value.Length % 2 == 0);
        }

        byte[] bytes;
        DicomPixelFormat single = _format with
        {
            Frames = 1,
            IsPlanar = false,
            Photometric = _format.IsSubsampled ? "YBR_FULL" : _format.Photometric,
        };
        try
        {
            bytes = Codec().Decode(FrameFragments.Of(_file, _pixels, _format.Frames, frame), single);
        }
        catch (InvalidDataException error)
        {
            throw MedicalFileException.Damaged(_file.Name, $"{error.Message}, in frame {frame}", error);
        }
        catch (NotSupportedException error)
        {
            throw Refused(error.Message);
        }

        return bytes.Length == single.FrameBytes
            ? PixelUnpacking.Unpack(bytes, single, 0, bigEndian: false, swapBytes: false)
            : throw MedicalFileException.Damaged(_file.Name, $"a frame that unpacks to {bytes.Length} bytes instead of {single.FrameBytes}");
    }

    private IDicomCodec Codec() =>
        _options.Codecs.Concat(BuiltIn).FirstOrDefault(codec => codec.Supports(_file.TransferSyntax)) ?? throw Refused(null);

    private MedicalFileException Refused(string? what) => new(
        MedicalFileFault.Unsupported,
        _file.Name,
        $"pixels compressed as {_file.TransferSyntax}{(what is null ? "" : $": {what}")}",
        "no compression, deflate, RLE Lossless or JPEG Baseline of 8 bits",
        "Convert the file, for example with dcmdjpeg or gdcmconv --raw, or name a codec in DicomReadOptions.Codecs");
}
