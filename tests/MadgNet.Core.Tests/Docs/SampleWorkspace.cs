using MadgNet.Core.Tests.Support;
using SkiaSharp;

namespace MadgNet.Core.Tests.Docs;

/// <summary>
/// The working folder of a block: small pictures under the names that the documents use. Drawn, not stored: bright discs
/// on a dark ground, and their masks.
/// </summary>
/// <remarks>
/// <c>image.png</c> and <c>mask.png</c>; <c>data/images/NN.png</c> with <c>data/masks/NN.png</c> for NN = 01 … 06; all
/// 96×64 pixels. Described for authors in <c>docs/development.md</c>.
/// </remarks>
internal sealed class SampleWorkspace : IDisposable
{
    private const int Width = 96;
    private const int Height = 64;
    private const int Pairs = 6;

    private readonly TemporaryFolder _folder = new();

    public SampleWorkspace()
    {
        for (int pair = 1; pair <= Pairs; pair++)
        {
            Draw($"data/images/{pair:00}.png", pair, mask: false);
            Draw($"data/masks/{pair:00}.png", pair, mask: true);
        }

        Draw("image.png", seed: 7, mask: false);
        Draw("mask.png", seed: 7, mask: true);
    }

    /// <summary>The folder's path.</summary>
    public string Root => _folder.Root;

    public void Dispose() => _folder.Dispose();

    private void Draw(string file, int seed, bool mask)
    {
        using var bitmap = new SKBitmap(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = mask ? SKColors.White : new SKColor(190, 200, 230), IsAntialias = !mask })
        {
            canvas.Clear(mask ? SKColors.Black : new SKColor(12, 10, 30));
            var random = new Random(seed);
            for (int disc = 0; disc < 5; disc++)
            {
                canvas.DrawCircle(random.Next(Width), random.Next(Height), random.Next(6, 12), paint);
            }
        }

        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using FileStream stream = File.Create(_folder.File(file));
        png.SaveTo(stream);
    }
}
