using System.Collections.Concurrent;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>
/// Keeps decoded samples up to a number of bytes, packed without loss: a plane whose values all are n/255 takes one byte
/// a value, every other four. What does not fit any more is simply not kept, so that the samples in the cache stay.
/// </summary>
internal sealed class SampleCache(long capacity)
{
    private readonly ConcurrentDictionary<int, Entry> _entries = new();
    private long _used;

    public long UsedBytes => Interlocked.Read(ref _used);

    public Sample? Find(int index) => _entries.TryGetValue(index, out Entry? entry) ? entry.Unpack() : null;

    public void Keep(int index, Sample sample)
    {
        if (UsedBytes >= capacity)
        {
            return;
        }

        var entry = new Entry(sample);
        if (Interlocked.Add(ref _used, entry.Bytes) > capacity || !_entries.TryAdd(index, entry))
        {
            Interlocked.Add(ref _used, -entry.Bytes);
        }
    }

    private sealed class Entry
    {
        private readonly string _name;
        private readonly int _originalHeight;
        private readonly int _originalWidth;
        private readonly Packed _image;
        private readonly Packed[] _masks;
        private readonly Packed? _ignored;

        public Entry(Sample sample)
        {
            _name = sample.Name;
            _originalHeight = sample.OriginalHeight;
            _originalWidth = sample.OriginalWidth;
            _image = new Packed(sample.Image);
            _masks = [.. sample.Masks.Select(mask => new Packed(mask))];
            _ignored = sample.Ignored is { } ignored ? new Packed(ignored) : null;
            Bytes = _image.Bytes + _masks.Sum(mask => mask.Bytes) + (_ignored?.Bytes ?? 0);
        }

        public long Bytes { get; }

        public Sample Unpack() => new(_name, _image.Unpack(), [.. _masks.Select(mask => mask.Unpack())])
        {
            OriginalHeight = _originalHeight,
            OriginalWidth = _originalWidth,
            Ignored = _ignored?.Unpack(),
        };
    }

    private sealed class Packed
    {
        private readonly int _channels;
        private readonly int _height;
        private readonly int _width;
        private readonly byte[]? _bytes;
        private readonly float[]? _floats;

        public Packed(FloatImage image)
        {
            (_channels, _height, _width) = (image.Channels, image.Height, image.Width);
            ReadOnlySpan<float> data = image.Data;
            var bytes = new byte[data.Length];
            for (int i = 0; i < data.Length; i++)
            {
                byte value = (byte)Math.Clamp((data[i] * 255) + 0.5f, 0, 255);
                if (FromByte(value) != data[i])
                {
                    _floats = data.ToArray();
                    return;
                }

                bytes[i] = value;
            }

            _bytes = bytes;
        }

        public long Bytes => _bytes?.LongLength ?? (_floats!.LongLength * sizeof(float));

        public FloatImage Unpack()
        {
            FloatImage image = FloatImage.Uninitialized(_channels, _height, _width);
            if (_floats is not null)
            {
                _floats.CopyTo(image.Data);
                return image;
            }

            Span<float> data = image.Data;
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = FromByte(_bytes![i]);
            }

            return image;
        }

        /// <summary>The very float that <see cref="PixelImage.ToFloat"/> gives a byte of a full-range image.</summary>
        private static float FromByte(byte value) => (float)(value / 255.0);
    }
}
