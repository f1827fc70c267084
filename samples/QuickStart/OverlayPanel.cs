using MadgNet.Core.Imaging;

namespace MadgNet.Samples.QuickStart;

/// <summary>One image with what is true of it and what was predicted.</summary>
internal sealed record OverlayPanel(string Name, FloatImage Image, FloatImage Truth, PixelImage Prediction, double Dice);
